import { VastRuntimeError } from '../errors';

/** No task of the server runs. */
export class ServerNotRunningError extends VastRuntimeError {
  public override readonly name = 'ServerNotRunningError';
}

/** Several tasks of the server run, although the database takes one writer. */
export class SeveralServersError extends VastRuntimeError {
  public override readonly name = 'SeveralServersError';
}

/** Somebody else has started or stopped the server while this was waited for. */
export class ServerChangedError extends VastRuntimeError {
  public override readonly name = 'ServerChangedError';
}

/** What is known of a task that ended although it was not told to. */
export interface TaskFailure {
  /** Its ARN. */
  readonly taskArn: string;

  /** Why ECS says that it ended. */
  readonly reason: string;

  /**
   * Of its container.
   *
   * @default - it was not started, or ECS does not know
   */
  readonly exitCode?: number;

  /** What it wrote last, oldest first; empty where there is nothing, or no right to read it. */
  readonly lastLogLines: string[];
}

/** The server's tasks do not come to life. The message has the reason and the last log lines. */
export class StartFailedError extends VastRuntimeError {
  public override readonly name: string = 'StartFailedError';

  public constructor(
    message: string,
    /** How the last of them has ended. */
    public readonly failure: TaskFailure,
  ) {
    super(message);
  }
}

/** The engine is started, and ends again and again. */
export class CrashLoopError extends StartFailedError {
  public override readonly name = 'CrashLoopError';
}

/** An extra task was not started, or did not come to life. */
export class RunTaskFailedError extends VastRuntimeError {
  public override readonly name = 'RunTaskFailedError';

  public constructor(
    message: string,
    /** Of the task; undefined where ECS did not even make one. */
    public readonly failure?: TaskFailure,
  ) {
    super(message);
  }
}

/** There is no such log. */
export class LogNotFoundError extends VastRuntimeError {
  public override readonly name = 'LogNotFoundError';
}
