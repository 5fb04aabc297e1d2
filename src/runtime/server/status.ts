import { EcsCalls } from './ecs-calls';
import type { EcsService } from './ecs-words';
import { askEngine } from './readiness';
import { ServerState, ServerStatus } from './server-status';
import { describeStop, describeTask, healthOf, TaskNames } from './task-description';
import { lookAtService, TaskLook, TaskWatch } from './task-watch';

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
  const state = stateOf(service, look, deployment);
  const readiness = state === ServerState.RUNNING && (options.askEngine ?? true) ? await askEngine(connection, deployment) : undefined;
  const task = look.alive.at(-1);
  const stops = look.ended.map(stopped => describeStop(stopped, deployment));
  const lastStop = stops.sort((a, b) => (a.stoppedAt?.getTime() ?? 0) - (b.stoppedAt?.getTime() ?? 0)).at(-1);
  return {
    state,
    desiredCount: service.desiredCount ?? 0,
    runningCount: service.runningCount ?? 0,
    pendingCount: service.pendingCount ?? 0,
    ...task && { task: describeTask(task, deployment) },
    ...readiness?.answers !== undefined && { engineAnswers: readiness.answers },
    ...readiness && readiness.answers !== true && { note: readiness.why },
    ...lastStop && { lastStop },
    events: (service.events ?? []).slice(0, EVENTS).map(({ createdAt, message }) => `${createdAt?.toISOString() ?? ''} ${message ?? ''}`.trim()),
  };
}

function stateOf(service: EcsService, { alive, ended, unknown }: TaskLook, names: TaskNames): ServerState {
  const { desiredCount = 0, runningCount = 0, pendingCount = 0, deployments = [] } = service;
  if (desiredCount === 0) {
    return alive.length + unknown + runningCount + pendingCount > 0 ? ServerState.STOPPING : ServerState.STOPPED;
  }
  if (alive.some(task => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING' && healthOf(task, names) === 'HEALTHY')) {
    return ServerState.RUNNING;
  }
  const deployment = deployments.find(({ status }) => status === 'PRIMARY');
  // What an earlier deployment did wrong may be put right by this one.
  const latest = ended.filter(({ startedBy }) => deployment?.id === undefined || startedBy === deployment.id).slice(-FAILURES);
  const failing = deployment?.rolloutState === 'FAILED' || (latest.length === FAILURES && latest.every(task => describeStop(task, names).failed));
  return failing ? ServerState.FAILING : ServerState.STARTING;
}
