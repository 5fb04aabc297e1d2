import { changesFor, waitFor, WaitOptions } from '../waiting';
import { DesiredCount } from './desired-count';
import { EcsCalls } from './ecs-calls';
import { taskIdOf } from './task-description';
import { lookAtService, TaskLook, TaskWatch } from './task-watch';

/** What `stop` has found and done. */
export interface StoppedServer {
  /** How many tasks have ended. */
  readonly stoppedTasks: number;

  /** Whether there was nothing to do. */
  readonly alreadyStopped: boolean;
}

/** ECS's list of tasks may lag behind: the number of looks in a row that have to find none. */
export const UNSEEN_LOOKS = 3;

/** The same where ECS counts a task that its list does not have, which shows that the list lags behind. */
const UNLISTED_LOOKS = 10;

/** Sets the desired count to 0, and returns when no container of the server is at work any more. */
export async function stopServer(ecs: EcsCalls, options: WaitOptions): Promise<StoppedServer> {
  const watch = new TaskWatch(ecs, [{ serviceName: ecs.deployment.serviceName }]);
  const [service, first] = await lookAtService(ecs, watch, options.signal);
  const wanted = (service.desiredCount ?? 0) > 0;
  const counted = (service.runningCount ?? 0) + (service.pendingCount ?? 0);
  const listed = first.alive.length + first.unknown;
  if (!wanted && counted + listed === 0) {
    return { stoppedTasks: 0, alreadyStopped: true };
  }
  const endedBefore = first.ended.length;
  if (wanted) {
    await ecs.setDesiredCount(0, { signal: options.signal });
  }
  const quietLooks = counted > listed ? UNLISTED_LOOKS : listed === 0 ? UNSEEN_LOOKS : 1;
  const { ended } = await waitUntilEnded(ecs, watch, options, { quietLooks });
  return { stoppedTasks: ended.length - endedBefore, alreadyStopped: false };
}

interface Ending {
  /**
   * Looks at the service and its tasks.
   *
   * @default lookAtService
   */
  readonly lookAt?: typeof lookAtService;

  /**
   * The number of looks in a row that have to find no task.
   *
   * @default 1
   */
  readonly quietLooks?: number;

  /** Acts upon each look. */
  readonly onLook?: (look: TaskLook, signal: AbortSignal) => Promise<void>;
}

/** Returns when every task that was seen, and every one that ECS counts, has ended. */
export async function waitUntilEnded(
  ecs: EcsCalls, watch: TaskWatch, options: WaitOptions, { lookAt = lookAtService, quietLooks = 1, onLook }: Ending = {},
): Promise<TaskLook> {
  const tell = changesFor(options);
  const desired = new DesiredCount(false);
  let quiet = 0;
  let left = '';
  return waitFor(`the tasks of ${ecs.deployment.serviceName} to end`, options, async (signal) => {
    const [service, look] = await lookAt(ecs, watch, signal);
    const { runningCount = 0, pendingCount = 0 } = service;
    const agreed = desired.agrees(service);
    left = look.alive.map(({ taskArn, lastStatus }) => `task ${taskIdOf(taskArn!)}: ${lastStatus}`).join(', ');
    tell(left || 'ECS still counts tasks');
    await onLook?.(look, signal);
    quiet = agreed && look.alive.length + look.unknown + runningCount + pendingCount === 0 ? quiet + 1 : 0;
    return quiet >= quietLooks ? look : undefined;
  }, () => `: ${left || 'ECS still counts tasks'}. What ECS was told to do goes on`);
}
