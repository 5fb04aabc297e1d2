import { AwsConnection } from './aws-connection';
import { AmbiguousDeploymentError, DeploymentNotFoundError } from './errors';
import { DeploymentOutput, OUTPUT_FORM } from '../discovery/deployment-output';

/** A stack, as far as CloudFormation's words about it are read. */
export interface StackDescription {
  readonly StackStatus?: string;
  readonly StackStatusReason?: string;
  readonly Description?: string;
  readonly Outputs?: readonly { readonly OutputKey?: string; readonly OutputValue?: string }[];
}

/**
 * The deployments of a stack, as their outputs describe them; an empty list where the stack has none.
 *
 * @throws DeploymentNotFoundError where there is no such stack
 */
export async function findDeployments(connection: AwsConnection, stackName: string): Promise<DeploymentOutput[]> {
  const stack = await describeStack(connection, stackName);
  if (!stack) {
    throw await noSuchStack(connection, stackName);
  }
  return deploymentsOf(stack);
}

/** The error for a stack that does not exist. */
export async function noSuchStack(connection: AwsConnection, stackName: string): Promise<DeploymentNotFoundError> {
  return new DeploymentNotFoundError(`there is no stack '${stackName}' in this account and region (${await regionOf(connection)})${await whereElse(connection)}`);
}

/**
 * The one deployment that is meant.
 *
 * @param deploymentName its path below the stack, such as `Vast`; needed where the stack has several
 * @throws DeploymentNotFoundError, AmbiguousDeploymentError
 */
export async function findDeployment(connection: AwsConnection, stackName: string, deploymentName?: string): Promise<DeploymentOutput> {
  const found = await findDeployments(connection, stackName);
  const names = found.map(({ name }) => `'${name}'`).join(', ');
  if (found.length === 0) {
    throw new DeploymentNotFoundError(`the stack '${stackName}' has no VastDeployment, or one with discoveryOutput switched off${await whereElse(connection)}`);
  }
  if (deploymentName === undefined) {
    if (found.length > 1) {
      throw new AmbiguousDeploymentError(`the stack '${stackName}' has ${found.length} deployments: say which of ${names} is meant`);
    }
    return found[0];
  }
  const named = found.find(({ name }) => name === deploymentName);
  if (!named) {
    throw new DeploymentNotFoundError(`the stack '${stackName}' has no deployment '${deploymentName}', but ${names}`);
  }
  return named;
}

/** A stack, with its outputs; undefined where there is none of that name. */
export async function describeStack(connection: AwsConnection, stackName: string): Promise<StackDescription | undefined> {
  return connection.use('cloudformation', async (client, { DescribeStacksCommand }) => {
    try {
      return (await client.send(new DescribeStacksCommand({ StackName: stackName }))).Stacks?.[0];
    } catch (error) {
      // CloudFormation has no error type of its own for this.
      if (error instanceof Error && error.name === 'ValidationError' && /does not exist/.test(error.message)) {
        return undefined;
      }
      throw error;
    }
  });
}

/** The region that is asked, wherever it was named: often the wrong one was. */
function regionOf(connection: AwsConnection): Promise<string> {
  return connection.use('cloudformation', async client => client.config.region());
}

/** Which stacks do have a deployment, as the end of a sentence; nothing where that is not to be found out. */
async function whereElse(connection: AwsConnection): Promise<string> {
  const stacks: string[] = [];
  try {
    await connection.use('cloudformation', async (client, { paginateDescribeStacks }) => {
      for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
        stacks.push(...Stacks.filter(stack => deploymentsOf(stack).length > 0).map(({ StackName }) => `'${StackName}'`));
      }
    });
  } catch {
    // A right to describe one stack is none to list all.
    return '';
  }
  return stacks.length > 0 ? `; the stacks with a VastDeployment are ${stacks.join(', ')}` : '; no stack here has a VastDeployment';
}

/** What the outputs of a stack say of its deployments. */
export function deploymentsOf({ Outputs = [] }: StackDescription): DeploymentOutput[] {
  return Outputs.flatMap(({ OutputValue }) => parseOutput(OutputValue));
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
