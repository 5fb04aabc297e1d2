import { VastRuntimeError } from '../errors';

/** The command was not run to its end, or it is not known how it has ended. */
export class ClientCallError extends VastRuntimeError {
  public override readonly name: string = 'ClientCallError';

  public constructor(message: string, /** What AWS support asks for. */ public readonly requestId?: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** The function failed, before the command or instead of it. */
export class ClientFunctionError extends ClientCallError {
  public override readonly name = 'ClientFunctionError';

  public constructor(
    message: string,
    /** As the function calls it, such as `InvalidEvent`. */
    public readonly errorType: string,
    requestId?: string,
  ) {
    super(message, requestId);
  }
}

/** The answer broke off or did not arrive as it was sent: what became of the command is unknown. */
export class AnswerLostError extends ClientCallError {
  public override readonly name = 'AnswerLostError';
}
