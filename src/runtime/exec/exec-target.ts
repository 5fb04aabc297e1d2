import { EcsCalls } from '../server/ecs-calls';
import { EcsContainer, EcsTask } from '../server/ecs-words';
import { ServerNotRunningError, SeveralServersError } from '../server/errors';
import { describeStop, kindOf, mainContainer, taskIdOf, TaskKind, TaskNames } from '../server/task-description';
import { TaskWatch } from '../server/task-watch';
import { changesFor, waitFor, WaitOptions } from '../waiting';
import { ExecAgentError, ExecNotEnabledError, ExecTargetError } from './errors';
import { Clock, SYSTEM_CLOCK } from './session/clock';

/** Where a command is run. */
export interface ExecTargetOptions extends WaitOptions {
  /**
   * The id or the ARN of a task in the cluster of the deployment.
   *
   * @default - the server
   */
  readonly taskId?: string;

  /**
   * One of the containers of the task.
   *
   * @default - the one that runs the engine, or the extra task; the only one that is not AWS's own in other tasks
   */
  readonly containerName?: string;
}

/** A container that ECS Exec can run a command in. */
export interface ExecTarget {
  readonly taskId: string;
  readonly taskArn: string;
  readonly containerName: string;

  /** What Systems Manager calls it. */
  readonly targetId: string;
}

/** ECS starts an agent again that has ended; it has so many seconds. */
const AGENT_REVIVAL_SECONDS = 20;

/**
 * The container when a session can be opened in it: it runs, and so does the agent of ECS Exec.
 *
 * @throws ServerNotRunningError, SeveralServersError, ExecTargetError, ExecNotEnabledError, ExecAgentError, WaitTimeoutError
 */
export async function execTarget(ecs: EcsCalls, options: ExecTargetOptions, clock: Clock = SYSTEM_CLOCK): Promise<ExecTarget> {
  const find = options.taskId === undefined ? serverFinder(ecs) : taskFinder(ecs, options.taskId);
  const { tell, last } = telling(options);
  let agentStoppedAt: number | undefined;
  return waitFor('a task that a session can be opened in', options, async (signal) => {
    const task = await find(signal);
    if (!task) {
      tell('ECS has just made the task');
      return undefined;
    }
    const taskId = taskIdOf(task.taskArn!);
    refuseForGood(task, taskId, ecs.deployment);
    if (task.lastStatus !== 'RUNNING') {
      tell(`task ${taskId}: ${task.lastStatus}`);
      return undefined;
    }
    const container = containerOf(task, taskId, options.containerName ?? mainContainer(task, ecs.deployment)?.name);
    const { lastStatus: agent, reason } = container.managedAgents?.find(({ name }) => name === 'ExecuteCommandAgent') ?? { lastStatus: 'RUNNING' };
    if (agent === 'STOPPED') {
      agentStoppedAt ??= clock.now();
      if (clock.now() - agentStoppedAt >= AGENT_REVIVAL_SECONDS * 1000) {
        throw new ExecAgentError(`the agent of ECS Exec in the container ${container.name} of the task ${taskId} has ended (${reason ?? 'ECS gives no reason'}): `
          + 'it needs a root file system that it may write to, and some memory. Start the task again');
      }
    }
    if (container.lastStatus !== 'RUNNING' || agent !== 'RUNNING') {
      tell(container.lastStatus === 'RUNNING' ? `the agent of ECS Exec is ${agent}` : `container ${container.name}: ${container.lastStatus}`);
      return undefined;
    }
    return {
      taskId,
      taskArn: task.taskArn!,
      containerName: container.name!,
      targetId: `ecs:${ecs.deployment.clusterName}_${taskId}_${container.runtimeId}`,
    };
  }, () => `: ${last()}`);
}

/** What is being waited for, for the listener and for the message when the time is over. */
function telling(options: WaitOptions) {
  const change = changesFor(options);
  let said = 'nothing was seen of it';
  return {
    tell: (what: string) => {
      said = what;
      change(what);
    },
    last: () => said,
  };
}

/** The server's task: the running one, or else the one that is about to be. */
function serverFinder(ecs: EcsCalls): (signal: AbortSignal) => Promise<EcsTask | undefined> {
  const { serviceName } = ecs.deployment;
  const watch = new TaskWatch(ecs, [{ serviceName }]);
  return async (signal) => {
    const { alive, unknown } = await watch.look(signal);
    const wanted = alive.filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
    const running = wanted.filter(({ lastStatus }) => lastStatus === 'RUNNING');
    if (running.length > 1) {
      throw new SeveralServersError(`${running.length} tasks of ${serviceName} are running: ${running.map(({ taskArn }) => taskIdOf(taskArn!)).join(', ')}. `
        + 'Say which one is meant');
    }
    const server = running[0] ?? wanted.at(-1);
    if (!server && unknown === 0) {
      throw new ServerNotRunningError(alive[0]
        ? `the server is about to end: its task ${taskIdOf(alive[0].taskArn!)} is ${alive[0].lastStatus}. Start it, and try again`
        : `no task of ${serviceName} is running: start the server first`);
    }
    return server;
  };
}

function taskFinder(ecs: EcsCalls, taskId: string): (signal: AbortSignal) => Promise<EcsTask> {
  return async (signal) => {
    const [task] = await ecs.describeTasks([taskId], signal);
    if (!task) {
      throw new ExecTargetError(`there is no task ${taskId} in the cluster ${ecs.deployment.clusterName}, or it has ended an hour ago: `
        + 'vast-cloud list-all-tasks shows those of the deployment');
    }
    return task;
  };
}

/** A task that no wait makes one that can be used. */
function refuseForGood(task: EcsTask, taskId: string, names: TaskNames): void {
  if (task.desiredStatus === 'STOPPED' || task.lastStatus === 'STOPPED') {
    const { reason } = describeStop(task, names);
    throw new ExecTargetError(`the task ${taskId} ${task.lastStatus === 'STOPPED' ? 'has ended' : 'is about to end'} (${reason}): a command needs one that runs`);
  }
  if (task.enableExecuteCommand === false) {
    const server = kindOf(task, names) === TaskKind.SERVER;
    throw new ExecNotEnabledError(`the task ${taskId} was started without ECS Exec, which cannot be switched on while it runs: ${server
      ? 'restart the server (vast-cloud restart-vast-server). Where that does not help, the service has it switched off: deploy it again'
      : 'run it again with --enable-execute-command'}`);
  }
}

function containerOf({ containers = [] }: EcsTask, taskId: string, name: string | undefined): EcsContainer {
  const names = containers.map(candidate => `'${candidate.name}'`).join(', ') || 'none at all';
  if (name === undefined && containers.length > 0) {
    throw new ExecTargetError(`the task ${taskId} has the containers ${names}: say which one is meant (--container NAME)`);
  }
  const container = containers.find(candidate => candidate.name === name);
  if (!container) {
    throw new ExecTargetError(`the task ${taskId} has no container '${name}', but ${names}`);
  }
  if (container.lastStatus === 'STOPPED') {
    throw new ExecTargetError(`the container ${name} of the task ${taskId} has ended`
      + `${container.exitCode === undefined ? '' : ` with exit code ${container.exitCode}`}: a command needs one that runs`);
  }
  return container;
}
