import { DEFAULT_EXTRA_CONTAINER, TaskKind } from './task-description';
import { DeploymentOutput } from '../../discovery/deployment-output';

/** What the construct's log drivers put in front of the container's name. */
const PREFIX = { [TaskKind.SERVER]: 'server', [TaskKind.EXTRA]: 'task' };

/** The stream of a task's container in the server's log group. */
export function logStreamOf(deployment: DeploymentOutput, kind: TaskKind, taskId: string): string {
  const container = kind === TaskKind.SERVER ? deployment.containerName : deployment.extraTaskContainerName ?? DEFAULT_EXTRA_CONTAINER;
  return `${PREFIX[kind]}/${container}/${taskId}`;
}
