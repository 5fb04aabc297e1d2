import { EcsCalls } from './ecs-calls';
import { ServerNotRunningError, SeveralServersError } from './errors';
import { watchOwnTasks } from './own-tasks';
import { describeTask, TaskDescription } from './task-description';
import { TaskWatch } from './task-watch';

/** The one running task of the server. */
export interface ServerDescription {
  /** Its id: the last part of its ARN. */
  readonly taskId: string;

  /** Its ARN. */
  readonly taskArn: string;

  /** Its private address in the Vast subnet. */
  readonly ip: string;

  /** The id of the engine's container, which ECS Exec asks for. */
  readonly runtimeId: string;

  /** The name of the engine's container. */
  readonly containerName: string;

  /** The revision of the task definition that it was made from. */
  readonly taskDefinitionArn: string;

  /** `HEALTHY` where the engine listens on its port. */
  readonly healthStatus: string;

  /**
   * When its container was started.
   *
   * @default - ECS does not say
   */
  readonly startedAt?: Date;
}

/** All tasks of the deployment, those that are there before those that have ended, each newest first. */
export async function listTasks(ecs: EcsCalls): Promise<TaskDescription[]> {
  const { alive, ended } = await watchOwnTasks(ecs).look();
  return [...alive.reverse(), ...ended.reverse()].map(task => describeTask(task, ecs.deployment));
}

/** @throws ServerNotRunningError, SeveralServersError */
export async function describeServer(ecs: EcsCalls): Promise<ServerDescription> {
  const { serviceName } = ecs.deployment;
  const { alive } = await new TaskWatch(ecs, [{ serviceName }]).look();
  const tasks = alive.filter(({ desiredStatus }) => desiredStatus === 'RUNNING').map(task => describeTask(task, ecs.deployment));
  const running = tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  if (running.length > 1) {
    throw new SeveralServersError(`${running.length} tasks of ${serviceName} are running, and the database takes one writer: `
      + `${running.map(({ taskId }) => taskId).join(', ')}. Stop the server and start it again; one task is what it is made for`);
  }
  const [server] = running;
  if (!server) {
    throw new ServerNotRunningError(tasks[0]
      ? `the server is not running yet: its task ${tasks[0].taskId} is ${tasks[0].lastStatus}. Try again in a moment`
      : `no task of ${serviceName} is running: start the server first`);
  }
  const { taskId, taskArn, ip = '', runtimeId = '', containerName = '', taskDefinitionArn, healthStatus, startedAt } = server;
  return { taskId, taskArn, ip, runtimeId, containerName, taskDefinitionArn, healthStatus, startedAt };
}
