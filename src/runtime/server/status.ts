import { EcsCalls } from './ecs-calls';
import type { EcsService } from './ecs-words';
import { askEngine } from './readiness';
import { describeStop, describeTask, ServerTask, StoppedTask } from './task-description';
import { lookAtService, TaskLook, TaskWatch } from './task-watch';

/** What the server is doing. */
export enum ServerState {
  /** Its engine listens on its port. Whether it answers is said beside it. */
  RUNNING = 'running',

  /** It is wanted, and is not there yet. */
  STARTING = 'starting',

  /** It is not wanted, and still there. */
  STOPPING = 'stopping',

  /** It is not wanted, and not there. */
  STOPPED = 'stopped',

  /** It is wanted, and ends, or does not come to life, again and again. */
  FAILING = 'failing',
}

/** What is known of the server at this moment. */
export interface ServerStatus {
  /** What it is doing, in one word. */
  readonly state: ServerState;

  /** How many tasks the service has to have. */
  readonly desiredCount: number;

  /** How many of its tasks run. */
  readonly runningCount: number;

  /** How many of its tasks are about to run. */
  readonly pendingCount: number;

  /**
   * The newest task that has not ended.
   *
   * @default - all have ended
   */
  readonly task?: ServerTask;

  /**
   * Whether the engine answers a query.
   *
   * @default - it was not asked
   */
  readonly engineAnswers?: boolean;

  /**
   * Why the engine does not answer, or could not be asked.
   *
   * @default - nothing is to be said
   */
  readonly note?: string;

  /**
   * The task that has ended last.
   *
   * @default - none within the last hour or so, for which ECS remembers them
   */
  readonly lastStop?: StoppedTask;

  /** The newest five of ECS's own messages, newest first, each with its time in front. */
  readonly events: string[];
}

/** How much is asked for a status. */
export interface StatusOptions {
  /**
   * Ask the engine, which takes a call of the client.
   *
   * @default true
   */
  readonly askEngine?: boolean;
}

const EVENTS = 5;

/** So many tasks have to end by themselves, one after the other: one may be bad luck. */
const FAILURES = 2;

export async function serverStatus(ecs: EcsCalls, options: StatusOptions): Promise<ServerStatus> {
  const { connection, deployment } = ecs;
  const [service, look] = await lookAtService(ecs, new TaskWatch(ecs, [{ serviceName: deployment.serviceName }]));
  const state = stateOf(service, look);
  const readiness = state === ServerState.RUNNING && (options.askEngine ?? true) ? await askEngine(connection, deployment) : undefined;
  const task = look.alive.at(-1);
  const lastStop = look.ended.map(describeStop).sort((a, b) => (a.stoppedAt?.getTime() ?? 0) - (b.stoppedAt?.getTime() ?? 0)).at(-1);
  return {
    state,
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    ...task && { task: describeTask(task, deployment.serviceName) },
    ...readiness?.answers !== undefined && { engineAnswers: readiness.answers },
    ...readiness && readiness.answers !== true && { note: readiness.why },
    ...lastStop && { lastStop },
    events: (service.events ?? []).slice(0, EVENTS).map(({ createdAt, message }) => `${createdAt?.toISOString() ?? ''} ${message ?? ''}`.trim()),
  };
}

function stateOf(service: EcsService, { alive, ended, unknown }: TaskLook): ServerState {
  const { desiredCount = 0, runningCount = 0, pendingCount = 0, deployments = [] } = service;
  if (desiredCount === 0) {
    return alive.length + unknown + runningCount + pendingCount > 0 ? ServerState.STOPPING : ServerState.STOPPED;
  }
  if (alive.some(task => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING' && task.healthStatus === 'HEALTHY')) {
    return ServerState.RUNNING;
  }
  const deployment = deployments.find(({ status }) => status === 'PRIMARY');
  // What an earlier deployment did wrong may be put right by this one.
  const latest = ended.filter(({ startedBy }) => deployment?.id === undefined || startedBy === deployment.id).slice(-FAILURES);
  const failing = deployment?.rolloutState === 'FAILED' || (latest.length === FAILURES && latest.every(task => describeStop(task).failed));
  return failing ? ServerState.FAILING : ServerState.STARTING;
}
