import { awsSdk } from './aws-sdk';

/** The stack with which the CDK CLI prepares an account and region. */
const TOOLKIT_STACK = 'CDKToolkit';

/** Whether the CDK has been bootstrapped in this account and region, under its usual name. */
export async function isBootstrapped(): Promise<boolean> {
  const { CloudFormationClient, DescribeStacksCommand } = awsSdk().cloudformation;
  const client = new CloudFormationClient({});
  try {
    await client.send(new DescribeStacksCommand({ StackName: TOOLKIT_STACK }));
    return true;
  } catch (error) {
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
      return false;
    }
    throw error;
  } finally {
    client.destroy();
  }
}
