import { AwsConnection } from './aws-connection';
import { describeStack } from './discovery';

/** The stack with which the CDK CLI prepares an account and region. */
const TOOLKIT_STACK = 'CDKToolkit';

/** The output of that stack that the CDK CLI writes; another stack of that name, or one that failed, does not have it. */
const VERSION_OUTPUT = 'BootstrapVersion';

/** Whether the CDK has been bootstrapped in this account and region, under its usual name. */
export async function isBootstrapped(connection: AwsConnection): Promise<boolean> {
  const { Outputs = [] } = await describeStack(connection, TOOLKIT_STACK) ?? {};
  return Outputs.some(({ OutputKey }) => OutputKey === VERSION_OUTPUT);
}
