import type { EcsContainer, EcsTask } from './ecs-words';

/** Whether a task is the server, or was run beside it. */
export enum TaskKind {
  SERVER = 'server',
  EXTRA = 'extra',
}

/** How a task has ended. */
export interface StoppedTask {
  readonly taskId: string;
  readonly taskArn: string;
  readonly stoppedAt?: Date;

  /** ECS's word for it, such as `EssentialContainerExited`. */
  readonly stopCode?: string;

  /** ECS's sentence for it. */
  readonly reason: string;

  /** Of its container; undefined where that was not started, or where ECS does not know. */
  readonly exitCode?: number;

  /** Whether it ended without having been told to. */
  readonly failed: boolean;
}

/** A task of the deployment. */
export interface TaskDescription {
  readonly taskId: string;
  readonly taskArn: string;
  readonly kind: TaskKind;
  readonly taskDefinitionArn: string;

  /** What it is, such as `PENDING`, `RUNNING` or `STOPPED`. */
  readonly lastStatus: string;

  /** What ECS wants it to be: `RUNNING` or `STOPPED`. */
  readonly desiredStatus: string;

  /** `HEALTHY`, `UNHEALTHY`, or `UNKNOWN`; always the last one where there is no health check. */
  readonly healthStatus: string;

  /** Its private address, once it has one. */
  readonly ip?: string;

  /** The container's id, once it has one. */
  readonly runtimeId?: string;
  readonly containerName?: string;
  readonly startedBy?: string;
  readonly createdAt?: Date;
  readonly startedAt?: Date;

  /** How it ended, or why it is about to; undefined as long as nobody wants it to. */
  readonly stop?: StoppedTask;
}

/** The server's task. */
export type ServerTask = TaskDescription;

/** The id of a task: what follows the last slash of its ARN. */
export function taskIdOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** The family of a task definition, from its ARN. */
export function familyOf(taskDefinitionArn: string): string {
  return taskDefinitionArn.slice(taskDefinitionArn.lastIndexOf('/') + 1).replace(/:\d+$/, '');
}

/** ECS's words about a task in ours. */
export function describeTask(task: EcsTask, serviceName: string): TaskDescription {
  const container = mainContainer(task);
  return {
    taskId: taskIdOf(task.taskArn!),
    taskArn: task.taskArn!,
    kind: task.group === `service:${serviceName}` ? TaskKind.SERVER : TaskKind.EXTRA,
    taskDefinitionArn: task.taskDefinitionArn!,
    lastStatus: task.lastStatus!,
    desiredStatus: task.desiredStatus!,
    healthStatus: task.healthStatus ?? 'UNKNOWN',
    ip: container?.networkInterfaces?.[0]?.privateIpv4Address
      ?? task.attachments?.flatMap(({ details = [] }) => details).find(({ name }) => name === 'privateIPv4Address')?.value,
    runtimeId: container?.runtimeId,
    containerName: container?.name,
    startedBy: task.startedBy,
    createdAt: task.createdAt,
    startedAt: task.startedAt,
    stop: task.desiredStatus === 'STOPPED' ? describeStop(task) : undefined,
  };
}

export function describeStop(task: EcsTask): StoppedTask {
  const container = mainContainer(task);
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

/** Ours have one container; AWS may add its own, such as that of GuardDuty. */
function mainContainer({ containers = [] }: EcsTask): EcsContainer | undefined {
  return containers.find(({ name }) => !name?.startsWith('aws-')) ?? containers[0];
}
