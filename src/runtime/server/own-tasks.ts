import { EcsCalls, TaskFilter } from './ecs-calls';
import type { EcsTask } from './ecs-words';
import { familyOf } from './task-description';
import { TaskWatch } from './task-watch';

type Deployment = EcsCalls['deployment'];

/** Follows the tasks of the deployment, in a cluster that others may use, too. */
export function watchOwnTasks(ecs: EcsCalls): TaskWatch {
  return new TaskWatch(ecs, familiesOf(ecs.deployment), task => isOwnTask(task, ecs.deployment));
}

/** What ECS can list: more than the deployment's own where another one has families of the same name. */
function familiesOf({ serviceName, taskDefinitionArn, extraTaskFamily }: Deployment): TaskFilter[] {
  return [
    { serviceName },
    // Somebody may have run the server's own definition by hand.
    ...taskDefinitionArn ? [{ family: familyOf(taskDefinitionArn) }] : [],
    ...extraTaskFamily ? [{ family: extraTaskFamily }] : [],
  ];
}

/**
 * Whether a task belongs to the deployment; undefined where ECS does not say yet.
 *
 * Each deployment has a subnet of its own, which also older revisions of its task definitions run in.
 */
function isOwnTask(task: EcsTask, { serviceName, subnetId, taskDefinitionArn, extraTaskDefinitionArn }: Deployment): boolean | undefined {
  if (task.group === `service:${serviceName}` || [taskDefinitionArn, extraTaskDefinitionArn].includes(task.taskDefinitionArn!)) {
    return true;
  }
  const subnet = task.attachments?.flatMap(({ details = [] }) => details).find(({ name }) => name === 'subnetId')?.value;
  return subnet === undefined ? undefined : subnet === subnetId;
}
