import { DeploymentOutput } from '../../discovery/deployment-output';
import { AwsConnection } from '../aws-connection';
import { deploymentsOf, describeStack } from '../discovery';

/** A stack as it is. */
export interface FoundStack {
  /** As CloudFormation names it, such as `UPDATE_COMPLETE`. */
  readonly status: string;
  /** Why it is in that state, where CloudFormation says so. */
  readonly reason?: string;
  /** The description in its template. */
  readonly description?: string;
  readonly deployments: DeploymentOutput[];
}

/** The stack of that name; undefined where there is none. */
export async function findStack(connection: AwsConnection, stackName: string): Promise<FoundStack | undefined> {
  const stack = await describeStack(connection, stackName);
  return stack && {
    status: stack.StackStatus ?? '', reason: stack.StackStatusReason, description: stack.Description, deployments: deploymentsOf(stack),
  };
}
