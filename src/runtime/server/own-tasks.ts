import { EcsCalls, TaskFilter, unlessGone } from './ecs-calls';
import type { EcsTask } from './ecs-words';
import { familyOf } from './task-description';
import { TaskWatch } from './task-watch';

type Deployment = EcsCalls['deployment'];

/**
 * Follows the tasks of the deployment, in a cluster that others may use, too.
 *
 * ECS lists no tasks of a service that is deleted; those that it has left are in the list of their family.
 */
export function watchOwnTasks(ecs: EcsCalls): TaskWatch {
  return new TaskWatch(ecs, filtersOf(ecs.deployment), task => isOwnTask(task, ecs.deployment), (filter, signal) => {
    const listed = ecs.listTasks(filter, signal);
    return 'serviceName' in filter ? unlessGone(listed, []) : listed;
  });
}

/** Filters that find every task of the deployment, and also tasks of others whose families have the same names. */
function filtersOf({ serviceName, taskDefinitionArn, extraTaskFamily }: Deployment): TaskFilter[] {
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
