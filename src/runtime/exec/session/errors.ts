import { VastRuntimeError } from '../../errors';

/** The session could not be opened. */
export class SessionOpenError extends VastRuntimeError {
  public override readonly name: string = 'SessionOpenError';
}

/** The agent did not open the session within the time that was given. */
export class SessionOpenTimeoutError extends SessionOpenError {
  public override readonly name = 'SessionOpenTimeoutError';
}

/** The agent asks for what this client does not do. */
export class SessionRefusedError extends SessionOpenError {
  public override readonly name = 'SessionRefusedError';
}

/** What is encrypted cannot be read, or there is no key for it. */
export class SessionEncryptionError extends VastRuntimeError {
  public override readonly name = 'SessionEncryptionError';
}

/** The session broke off: its output may not be whole, and what was typed may not have arrived. */
export class SessionLostError extends VastRuntimeError {
  public override readonly name: string = 'SessionLostError';

  public constructor(
    sessionId: string,
    /** In a few words. */
    public readonly why: string,
    options?: ErrorOptions,
  ) {
    super(
      `the session ${sessionId} was lost: ${why}. Its output may not be whole, and what ran in it may have gone on; ` +
        'look at what it did, and open another',
      options,
    );
  }
}

/** The service does not let the session go on over another connection, and will not when it is asked again. */
export class ResumeRefusedError extends VastRuntimeError {
  public override readonly name = 'ResumeRefusedError';
}

/** The connection was lost, and the service says that there is no session any more to go on with. */
export class SessionExpiredError extends SessionLostError {
  public override readonly name = 'SessionExpiredError';
}

/** Something was typed into a session that is over. */
export class SessionEndedError extends VastRuntimeError {
  public override readonly name = 'SessionEndedError';

  public constructor(sessionId: string, message: string) {
    super(`the session ${sessionId} is over${message ? ` (${message})` : ''}: open another to go on`);
  }
}

/** The session was given up by its signal. */
export class SessionAbortedError extends VastRuntimeError {
  public override readonly name = 'SessionAbortedError';

  public constructor(sessionId: string, reason: unknown) {
    super(`the session ${sessionId} was given up: ${reason instanceof Error ? reason.message : String(reason)}`, {
      cause: reason,
    });
  }
}
