import { VastRuntimeError } from '../errors';
import { TaskFailure } from '../server/errors';

/** There is no such task, or no such container in it. */
export class ExecTargetError extends VastRuntimeError {
  public override readonly name = 'ExecTargetError';
}

/** The task was started without ECS Exec. */
export class ExecNotEnabledError extends VastRuntimeError {
  public override readonly name = 'ExecNotEnabledError';
}

/** The agent that opens sessions in the task does not work, or has no way to AWS. */
export class ExecAgentError extends VastRuntimeError {
  public override readonly name = 'ExecAgentError';
}

/** AWS was asked to begin a session, and has not said whether it did: the command may have begun. */
export class SessionUnknownError extends VastRuntimeError {
  public override readonly name = 'SessionUnknownError';
}

/** The task has ended, or was about to, and took the session with it. */
export class TaskEndedError extends VastRuntimeError {
  public override readonly name = 'TaskEndedError';

  public constructor(
    message: string,
    /** How it has ended. */
    public readonly failure: TaskFailure,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** Which time of a session was over. */
export enum SessionTime {
  /** Nothing was typed and nothing was shown. */
  IDLE = 'IDLE',
  /** All that it had. */
  WHOLE = 'WHOLE',
}

/** The session has lasted, or was idle, for as long as it may; it was ended, and so was what ran in it. */
export class SessionTimeoutError extends VastRuntimeError {
  public override readonly name = 'SessionTimeoutError';

  public constructor(
    message: string,
    /** Which time was over. */
    public readonly time: SessionTime,
  ) {
    super(message);
  }
}
