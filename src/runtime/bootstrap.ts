import { AwsConnection } from './aws-connection';
import { describeStack } from './discovery';

/** The stack with which the CDK CLI prepares an account and region. */
const TOOLKIT_STACK = 'CDKToolkit';

/** Whether the CDK has been bootstrapped in this account and region, under its usual name. */
export async function isBootstrapped(connection: AwsConnection): Promise<boolean> {
  return await describeStack(connection, TOOLKIT_STACK) !== undefined;
}
