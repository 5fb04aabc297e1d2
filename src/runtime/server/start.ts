import { WaitTimeoutError } from '../errors';
import { changesFor, sharedTime, waitFor, WaitOptions } from '../waiting';
import { DesiredCount } from './desired-count';
import { EcsCalls } from './ecs-calls';
import type { EcsService, EcsTask } from './ecs-words';
import { CrashLoopError, StartFailedError } from './errors';
import { askEngine } from './readiness';
import { waitUntilEnded } from './stop';
import { describeStop, describeTask, healthOf, ServerTask, taskIdOf } from './task-description';
import { failureLog, failureReason, taskFailure } from './task-failure';
import { lookAtService, TaskLook, TaskWatch } from './task-watch';

/** What `start` has found and done. */
export interface StartedServer {
  /** The task that runs now. */
  readonly task: ServerTask;

  /** Whether it was up before, so that there was nothing to do. */
  readonly alreadyRunning: boolean;

  /** Whether the engine has answered a query; false where it cannot be asked. Then it listens on its port. */
  readonly engineAnswered: boolean;

  /**
   * Why the engine was not asked.
   *
   * @default - it was asked, and has answered
   */
  readonly note?: string;
}

/** So many tasks have to end by themselves: one may be bad luck. */
const FAILURES = 2;

/** Sets the desired count to 1 where it is 0, and returns when the engine answers. */
export async function startServer(ecs: EcsCalls, options: WaitOptions): Promise<StartedServer> {
  return new Start(ecs, options).run();
}

/** One start, from the first look to the engine's answer or the reason why there is none. */
class Start {
  private readonly watch: TaskWatch;
  private readonly tell: (what: string) => void;
  private readonly left: () => WaitOptions;
  /** What had ended before, and so is no failure of this start. */
  private readonly earlier = new Set<string>();
  private readonly desired = new DesiredCount(true);
  private looks = 0;
  /** What is known, for the case that the time is over. */
  private last = 'ECS has not made a task yet';

  public constructor(private readonly ecs: EcsCalls, private readonly options: WaitOptions) {
    this.watch = new TaskWatch(ecs, [{ serviceName: ecs.deployment.serviceName }]);
    this.tell = changesFor(options);
    this.left = sharedTime(options);
  }

  public async run(): Promise<StartedServer> {
    const { signal } = this.options;
    const [service, first] = await lookAtService(this.ecs, this.watch, signal);
    const countBefore = service.desiredCount ?? 0;
    const givenUp = isGivenUp(service) && first.alive.length === 0;
    // A successor that is told to come now might meet its predecessor.
    const { ended } = countBefore === 0 && first.alive.length > 0 ? await waitUntilEnded(this.ecs, this.watch, this.left()) : first;
    ended.forEach(({ taskArn }) => this.earlier.add(taskArn!));
    const changing = countBefore === 0 || givenUp;
    if (changing) {
      await this.ecs.setDesiredCount(Math.max(countBefore, 1), { anew: givenUp, signal });
    }
    const outcome = await this.wait().catch(async (error: unknown) => {
      throw error instanceof WaitTimeoutError && countBefore === 0 ? new WaitTimeoutError(`${error.message}. ${await this.setBack()}`) : error;
    });
    if ('failed' in outcome) {
      throw await this.failure(outcome.failed, countBefore);
    }
    return { ...outcome, alreadyRunning: !changing && this.looks === 1 };
  }

  private async wait() {
    return waitFor(`the engine of ${this.ecs.deployment.serviceName} to answer`, this.left(), async (signal) => {
      this.looks++;
      const [service, look] = await lookAtService(this.ecs, this.watch, signal);
      this.desired.agrees(service);
      const failed = look.ended.filter(task => !this.earlier.has(task.taskArn!) && describeStop(task, this.ecs.deployment).failed);
      return failed.length >= FAILURES ? { failed } : this.ask(look, failed, service, signal);
    }, () => `: ${this.last}`);
  }

  /** The engine's answer, once there is somebody to ask. */
  private async ask({ alive }: TaskLook, failed: EcsTask[], service: EcsService, signal: AbortSignal) {
    const { connection, deployment } = this.ecs;
    const task = alive.filter(({ desiredStatus }) => desiredStatus === 'RUNNING').at(-1);
    if (!task || task.lastStatus !== 'RUNNING' || healthOf(task, deployment) !== 'HEALTHY') {
      const state = !task ? 'ECS has not made a task yet'
        : `task ${taskIdOf(task.taskArn!)}: ${task.lastStatus}${task.lastStatus === 'RUNNING' ? ', and the engine does not listen' : ''}`;
      this.tell(failed.length > 0 ? `${state}; the one before has ended (${describeStop(failed[0], deployment).reason})` : state);
      this.last = [
        state,
        ...failed.length > 0 ? [`one has ended: ${describeStop(failed[0], deployment).reason}`] : [],
        ...service.events?.[0]?.message ? [`ECS says: ${service.events[0].message.replace(/\.$/, '')}`] : [],
      ].join('; ');
      return undefined;
    }
    this.tell('asking the engine');
    const { answers, why } = await askEngine(connection, deployment, signal);
    if (answers === false) {
      this.last = `it listens, and does not answer: ${why}`;
      this.tell('the engine listens, and does not answer yet');
      return undefined;
    }
    return {
      task: describeTask(task, deployment),
      engineAnswered: answers === true,
      ...answers === undefined && { note: `the engine listens on its port; whether it answers is not known: ${why}` },
    };
  }

  private async failure(failed: EcsTask[], countBefore: number): Promise<StartFailedError> {
    const after = countBefore === 0 ? await this.setBack() : `The desired count stays at ${countBefore}: ECS tries on until the server is stopped.`;
    const task = failed.at(-1)!;
    const failure = await taskFailure(this.ecs, task);
    const ids = failed.slice(-FAILURES).map(({ taskArn }) => taskIdOf(taskArn!)).join(' and ');
    const crashed = task.stopCode === 'EssentialContainerExited';
    const sentence = crashed
      ? `the engine is in a crash loop: the tasks ${ids} were started and have ended`
      : `the server failed to start: the tasks ${ids} did not come to life`;
    const advice = crashed
      ? 'Put right what its log names, deploy that, and start it again.'
      : 'Put right what the reason names (an image, a right, a route, a quota), deploy that, and start it again.';
    const message = `${sentence} (${failureReason(failure)}). ${after} ${advice}${failureLog(failure)}`;
    return new (crashed ? CrashLoopError : StartFailedError)(message, failure);
  }

  /** Stops what does not start, and says so. */
  private async setBack(): Promise<string> {
    try {
      await this.ecs.setDesiredCount(0);
      return 'The desired count is set back to 0.';
    } catch (error) {
      return `The desired count could not be set back to 0, so ECS tries on: ${(error as Error).message}.`;
    }
  }
}

/** Whether ECS's circuit breaker has ended the newest deployment: it starts no more tasks then. */
function isGivenUp({ deployments = [] }: EcsService): boolean {
  return deployments.find(({ status }) => status === 'PRIMARY')?.rolloutState === 'FAILED';
}
