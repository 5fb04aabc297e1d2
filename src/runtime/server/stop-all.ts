import { WaitOptions } from '../waiting';
import { EcsCalls } from './ecs-calls';
import { watchOwnTasks } from './own-tasks';
import { waitUntilEnded } from './stop';
import { describeTask, kindOf, TaskDescription, TaskKind } from './task-description';
import { lookAtService } from './task-watch';

/** What ECS says of a task that was stopped from here. */
const REASON = 'All tasks of the deployment were told to stop';

/** Stops the server and every extra task of the deployment, and returns the ended tasks; others in the cluster go on. */
export async function stopAllTasks(ecs: EcsCalls, options: WaitOptions): Promise<TaskDescription[]> {
  const watch = watchOwnTasks(ecs);
  const [service, first] = await lookAtService(ecs, watch, options.signal);
  const endedBefore = new Set(first.ended.map(({ taskArn }) => taskArn));
  if ((service.desiredCount ?? 0) > 0) {
    await ecs.setDesiredCount(0, { signal: options.signal });
  }
  const { ended } = await waitUntilEnded(ecs, watch, options, {
    onLook: async ({ alive }, signal) => {
      // Those of the service are ECS's own affair: it would replace what is stopped before it knows the new count.
      const extra = alive.filter(task => task.desiredStatus === 'RUNNING' && kindOf(task, ecs.deployment) === TaskKind.EXTRA);
      await Promise.all(extra.map(({ taskArn }) => ecs.stopTask(taskArn!, REASON, signal)));
    },
  });
  return ended.filter(({ taskArn }) => !endedBefore.has(taskArn)).map(task => describeTask(task, ecs.deployment));
}
