import { awsSdk } from './aws-sdk';
import { DeploymentOutput, OUTPUT_FORM } from '../discovery/deployment-output';

/** A stack that does not exist, or has no deployment in it. */
export class DeploymentNotFoundError extends Error {
  public readonly name = 'DeploymentNotFoundError';
}

/**
 * The deployments of a stack, as their outputs describe them; an empty list where the stack has none.
 *
 * @throws DeploymentNotFoundError where there is no such stack
 */
export async function findDeployments(stackName: string): Promise<DeploymentOutput[]> {
  const { CloudFormationClient, DescribeStacksCommand } = awsSdk().cloudformation;
  const client = new CloudFormationClient({});
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    return (stack?.Outputs ?? []).flatMap(output => parseOutput(output.OutputValue));
  } catch (error) {
    // CloudFormation has no error type of its own for this.
    if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
      throw new DeploymentNotFoundError(`there is no stack '${stackName}' in this account and region`, { cause: error });
    }
    throw error;
  } finally {
    client.destroy();
  }
}

/** The output of a deployment; any other is passed over. */
function parseOutput(value: string | undefined): DeploymentOutput[] {
  if (!value?.startsWith('{')) {
    return [];
  }
  try {
    const output = JSON.parse(value) as Partial<DeploymentOutput>;
    return output.cdkVast === OUTPUT_FORM ? [output as DeploymentOutput] : [];
  } catch {
    return [];
  }
}
