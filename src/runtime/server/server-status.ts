import type { ServerTask, StoppedTask } from './task-description';

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
