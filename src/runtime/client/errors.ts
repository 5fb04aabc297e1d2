import { VastRuntimeError } from '../errors';
import type { ClientRunResult } from './outcome';

/** The client did not run the command to its end, or its answer did not arrive. */
export class ClientCallError extends VastRuntimeError {
  public override readonly name: string = 'ClientCallError';

  public constructor(
    message: string,
    /** What AWS support asks for; undefined where no answer came. */
    public readonly requestId: string | undefined,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** What has kept the end of a command from us. */
export enum CallFault {
  /** The call was sent, and answered with an error that does not say whether it was accepted, or not at all. */
  NO_ANSWER = 'NO_ANSWER',
  /** The answer has begun, and then nothing came any more, not even a sign of life. */
  SILENT = 'SILENT',
  /** The answer goes on although the command's time is over. */
  OVERDUE = 'OVERDUE',
  /** The answer was over before its end. */
  CUT = 'CUT',
  /** What has arrived is not what was sent. */
  DAMAGED = 'DAMAGED',
  /** The answer is none of this client: another function, or another release of it. */
  NOT_UNDERSTOOD = 'NOT_UNDERSTOOD',
}

/**
 * The call was sent, and the end of the command was not seen.
 *
 * Nobody knows whether it has succeeded, has failed, goes on or was never begun; nothing of that may be assumed, and
 * running it again may do everything twice.
 */
export class OutcomeUnknownError extends ClientCallError {
  public override readonly name = 'OutcomeUnknownError';

  public constructor(
    what: string,
    /** What has kept the end of the command from us. */
    public readonly fault: CallFault,
    requestId: string | undefined,
    log: string | undefined,
    cause?: unknown,
  ) {
    super(`${what}: whether and how the command has ended is unknown. Look at what it should have done${log ? `, and into the log ${log},` : ''} `
      + `before you run it again${requestId ? ` (request ${requestId})` : ''}`, requestId, cause);
  }
}

/** The function has failed, as Lambda says. */
export class ClientFunctionError extends ClientCallError {
  public override readonly name = 'ClientFunctionError';

  public constructor(
    message: string,
    /** Lambda's or the function's own name of the error, such as `Runtime.ExitError`. */
    public readonly errorType: string,
    requestId: string | undefined,
    /** How the command has ended; undefined where that was not seen. */
    public readonly outcome: ClientRunResult | undefined,
  ) {
    super(message, requestId);
  }
}
