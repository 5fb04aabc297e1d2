import { TaskEndedError } from './errors';
import { ExecTarget } from './exec-target';
import { LookAtTask } from './watched-session';
import { EcsCalls } from '../server/ecs-calls';
import { describeStop, mainContainer } from '../server/task-description';
import { failureLog, failureReason, taskFailure } from '../server/task-failure';

/** Looks at the task of a session, for as long as ECS knows it. */
export function taskLook(ecs: EcsCalls, { taskArn, taskId, containerName }: ExecTarget): LookAtTask {
  return async (orWill) => {
    const [task] = await ecs.describeTasks([taskArn]);
    if (!task) {
      return new TaskEndedError(`the task ${taskId} is gone, and its session with it`,
        { taskArn, reason: 'ECS does not know the task any more', lastLogLines: [] });
    }
    const container = task.containers?.find(({ name }) => name === containerName);
    const hasEnded = task.lastStatus === 'STOPPED' || container?.lastStatus === 'STOPPED';
    if (!hasEnded && !(orWill && task.desiredStatus === 'STOPPED')) {
      return undefined;
    }
    if (container && container !== mainContainer(task, ecs.deployment) && container.lastStatus === 'STOPPED') {
      const failure = { ...describeStop(task, ecs.deployment, container), lastLogLines: [] };
      return new TaskEndedError(`the container ${containerName} of the task ${taskId} has ended, and its session with it: ${failureReason(failure)}`, failure);
    }
    const failure = hasEnded ? await taskFailure(ecs, task) : { ...describeStop(task, ecs.deployment), lastLogLines: [] };
    return new TaskEndedError(`the task ${taskId} ${hasEnded ? 'has ended' : 'is about to end'}, and its session with it: `
      + `${failureReason(failure)}${failureLog(failure)}`, failure);
  };
}
