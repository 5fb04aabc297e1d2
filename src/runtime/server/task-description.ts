import type { EcsContainer, EcsTask } from './ecs-words';
import { DeploymentOutput } from '../../discovery/deployment-output';

/** Whether a task is the server, or was run beside it. */
export enum TaskKind {
  /** The server. */
  SERVER = 'server',

  /** Run beside it, without its database. */
  EXTRA = 'extra',
}

/** How a task has ended. */
export interface StoppedTask {
  /** The id of the task: the last part of its ARN. */
  readonly taskId: string;

  /** The ARN of the task. */
  readonly taskArn: string;

  /**
   * When it ended.
   *
   * @default - it is still about to end
   */
  readonly stoppedAt?: Date;

  /**
   * ECS's word for it, such as `EssentialContainerExited`.
   *
   * @default - ECS does not say
   */
  readonly stopCode?: string;

  /** ECS's sentence for it. */
  readonly reason: string;

  /**
   * The exit code of its main container: the engine's, or that of an extra task's script.
   *
   * @default - the container was not started, or ECS does not know
   */
  readonly exitCode?: number;

  /** Whether it ended without having been told to. */
  readonly failed: boolean;
}

/** A task of the deployment. */
export interface TaskDescription {
  /** Its id: the last part of its ARN. */
  readonly taskId: string;

  /** Its ARN. */
  readonly taskArn: string;

  /** Whether it is the server. */
  readonly kind: TaskKind;

  /** The revision of the task definition that it was made from. */
  readonly taskDefinitionArn: string;

  /** What it is, such as `PENDING`, `RUNNING` or `STOPPED`. */
  readonly lastStatus: string;

  /** What ECS wants it to be: `RUNNING` or `STOPPED`. */
  readonly desiredStatus: string;

  /** That of its main container: `HEALTHY`, `UNHEALTHY`, or `UNKNOWN`; always the last one where there is no health check. */
  readonly healthStatus: string;

  /**
   * Its private address.
   *
   * @default - it has none yet
   */
  readonly ip?: string;

  /**
   * The id of its main container, which ECS Exec asks for.
   *
   * @default - it has none yet
   */
  readonly runtimeId?: string;

  /**
   * The name of its main container: the one that runs the engine, or an extra task's script.
   *
   * @default - it has none yet
   */
  readonly containerName?: string;

  /**
   * Who has made it: ECS's deployment of the service, or what was said when it was run.
   *
   * @default - nobody has said
   */
  readonly startedBy?: string;

  /**
   * When it was made.
   *
   * @default - ECS does not say
   */
  readonly createdAt?: Date;

  /**
   * When its container was started.
   *
   * @default - it was not started yet
   */
  readonly startedAt?: Date;

  /**
   * How it ended, or why it is about to.
   *
   * @default - nobody wants it to end
   */
  readonly stop?: StoppedTask;
}

/** The server's task. */
export type ServerTask = TaskDescription;

/** The main container of extra tasks, where the deployment does not name it. */
export const DEFAULT_EXTRA_CONTAINER = 'task';

/** The id of a task: what follows the last slash of its ARN. */
export function taskIdOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The family of a task definition, from its ARN. */
export function familyOf(taskDefinitionArn: string): string {
  return taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1).replace(/:\d+$/, '');
}

/** The names by which a deployment's tasks and their main containers are known. */
export type TaskNames = Pick<DeploymentOutput, 'serviceName' | 'containerName' | 'extraTaskContainerName'>;

/** Tells tasks of the server, which its service has started, from others. */
export function kindOf({ group }: EcsTask, { serviceName }: TaskNames): TaskKind {
  return group === `service:${serviceName}` ? TaskKind.SERVER : TaskKind.EXTRA;
}

/** ECS's words about a task in ours. */
export function describeTask(task: EcsTask, names: TaskNames): TaskDescription {
  const container = mainContainer(task, names);
  return {
    taskId: taskIdOf(task.taskArn!),
    taskArn: task.taskArn!,
    kind: kindOf(task, names),
    taskDefinitionArn: task.taskDefinitionArn!,
    lastStatus: task.lastStatus!,
    desiredStatus: task.desiredStatus!,
    healthStatus: healthOf(task, names),
    ip: container?.networkInterfaces?.find(({ privateIpv4Address }) => privateIpv4Address)?.privateIpv4Address
      ?? task.attachments?.flatMap(({ details = [] }) => details).find(({ name }) => name === 'privateIPv4Address')?.value,
    runtimeId: container?.runtimeId,
    containerName: container?.name,
    startedBy: task.startedBy,
    createdAt: task.createdAt,
    startedAt: task.startedAt,
    stop: task.desiredStatus === 'STOPPED' ? describeStop(task, names) : undefined,
  };
}

/** The health of the main container: that of the task depends on its other containers as well. */
export function healthOf(task: EcsTask, names: TaskNames): string {
  return mainContainer(task, names)?.healthStatus ?? task.healthStatus ?? 'UNKNOWN';
}

/** @param container the one whose end counts */
export function describeStop(task: EcsTask, names: TaskNames, container = mainContainer(task, names)): StoppedTask {
  return {
    taskId: taskIdOf(task.taskArn!),
    taskArn: task.taskArn!,
    stoppedAt: task.stoppedAt,
    stopCode: task.stopCode,
    // The container has the more telling one: out of memory.
    reason: [task.stoppedReason, container?.reason].filter((reason, index, all) => reason && all.indexOf(reason) === index).join(': ')
      || 'ECS gives no reason',
    exitCode: container?.exitCode,
    failed: hasFailed(task),
  };
}

/** Whether a task ended, or is about to, although nobody told it to. */
function hasFailed({ stopCode, stoppedReason = '' }: EcsTask): boolean {
  return stopCode === 'TaskFailedToStart' || stopCode === 'EssentialContainerExited'
    || (stopCode === 'ServiceSchedulerInitiated' && /health check/i.test(stoppedReason));
}

/**
 * The container that a task is there for, by its name: ECS lists a task's containers in any order, and besides it there may
 * be AWS's own, such as that of GuardDuty, and sidecars of the user.
 *
 * @returns undefined where there is none yet, or where a task of somebody else has several
 */
export function mainContainer(task: EcsTask, names: TaskNames): EcsContainer | undefined {
  const { containers = [] } = task;
  const { containerName, extraTaskContainerName = DEFAULT_EXTRA_CONTAINER } = names;
  const known = kindOf(task, names) === TaskKind.SERVER ? [containerName] : [extraTaskContainerName, containerName];
  const main = known.map(name => containers.find(container => container.name === name)).find(container => container);
  const others = containers.filter(({ name }) => !name?.startsWith('aws-'));
  return main ?? (others.length === 1 ? others[0] : undefined);
}
