import { WaitOptions } from '../waiting';
import { EcsCalls } from './ecs-calls';
import { watchOwnTasks } from './own-tasks';
import { UNSEEN_LOOKS, waitUntilEnded } from './stop';
import { describeTask, kindOf, TaskDescription, TaskKind } from './task-description';
import { lookAtServiceIfAny } from './task-watch';

/** The reason that ECS shows for one-off tasks which `stopAllTasks` has stopped. */
const REASON = 'All tasks of the deployment were told to stop';

/**
 * Stops the server and every extra task of the deployment, and returns them when they have ended; others in the cluster go on.
 *
 * The service may be gone: a deletion of the stack that has failed leaves one-off tasks without it.
 */
export async function stopAllTasks(ecs: EcsCalls, options: WaitOptions): Promise<TaskDescription[]> {
  const watch = watchOwnTasks(ecs);
  const [service, first] = await lookAtServiceIfAny(ecs, watch, options.signal);
  const endedBefore = new Set(first.ended.map(({ taskArn }) => taskArn));
  if ((service.desiredCount ?? 0) > 0) {
    await ecs.setDesiredCount(0, { signal: options.signal });
  }
  const { ended } = await waitUntilEnded(ecs, watch, options, {
    lookAt: lookAtServiceIfAny,
    quietLooks: UNSEEN_LOOKS,
    onLook: async ({ alive }, signal) => {
      // ECS stops the tasks of the service itself. It would replace one that is stopped before it knows the new count.
      const extra = alive.filter(task => task.desiredStatus === 'RUNNING' && kindOf(task, ecs.deployment) === TaskKind.EXTRA);
      await Promise.all(extra.map(({ taskArn }) => ecs.stopTask(taskArn!, REASON, signal)));
    },
  });
  return ended.filter(({ taskArn }) => !endedBefore.has(taskArn)).map(task => describeTask(task, ecs.deployment));
}
