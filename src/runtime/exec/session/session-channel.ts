import { TerminalSize } from '../wire/payloads';

/** How a session has ended. */
export interface SessionEnd {
  /** What the service says of it; empty where the remote program has simply ended. */
  readonly message: string;
}

/**
 * The terminal at the other end of a session: bytes in, bytes out, in order, without loss or an error that says so.
 *
 * There are no streams and no exit code in it: standard output and standard error of what runs there are one.
 */
export interface SessionChannel {
  /** The session's id, as the log of the account has it. */
  readonly sessionId: string;

  /**
   * Kept when the session is over and all its output was heard.
   *
   * Fails with a typed error where the session was lost, and its output may not be whole.
   */
  readonly ended: Promise<SessionEnd>;

  /**
   * Hears what the terminal shows. There is one listener; output from before it was given is kept for it.
   *
   * While the promise that it returns is not kept the agent is held back.
   */
  onOutput(listener: (data: Buffer) => void | Promise<void>): void;

  /**
   * Types. Resolves when more may be given, so that what waits here stays bounded.
   *
   * @throws SessionLostError and the like where the session is over
   */
  write(data: Uint8Array): Promise<void>;

  /** Tells the terminal its size; the last one counts. */
  resize(size: TerminalSize): void;

  /** Ends the session and what runs in it; `ended` is kept soon. A session that is over stays as it is. */
  terminate(): Promise<void>;
}
