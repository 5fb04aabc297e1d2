import {
  FrameDecoder, FrameType, OUTPUT_LIMIT_EXCEEDED, STREAM_MAGIC, StreamEnd, StreamFault, StreamFaultError,
} from '../../client/contract';
import { TakePiece } from '../command-run';
import { SYSTEM_CLOCK } from '../exec/session/clock';
import { Watch } from '../watch';
import { CallFault, OutcomeUnknownError } from './errors';
import { functionError, functionFailure } from './function-errors';
import { ClientLimits } from './limits';
import { ClientRunResult, resultOf } from './outcome';

/** How Lambda says that an answer is over, and whether the function has failed. */
export interface AnswerComplete {
  readonly ErrorCode?: string;
  readonly ErrorDetails?: string;
}

/** An event of an answer, as Lambda sends it: a piece, or the end. */
export interface AnswerEvent {
  readonly PayloadChunk?: { readonly Payload?: Uint8Array };
  readonly InvokeComplete?: AnswerComplete;
}

/** An answer of which the first event has come: without it, the SDK does not hand it over. */
export interface BegunAnswer {
  readonly events: AsyncIterable<AnswerEvent>;
  readonly requestId: string;
}

/** What is to become of an answer. */
export interface AnswerUse {
  readonly onStdout?: TakePiece;
  readonly onStderr?: TakePiece;
  readonly keepStdout: boolean;
  readonly keepStderr: boolean;
  readonly timeoutSeconds?: number;
  /** Where the client's log is. */
  readonly log?: string;
}

/** More of an answer that is none is not kept. */
const FOREIGN_BYTES = 64 * 1024;

/** What may come after the last event is nothing but the end of the body. */
const CLOSING_MS = 1000;

/** Reads the streamed answer of one call to its end. */
export class StreamedAnswer {
  private readonly decoder = new FrameDecoder();
  private readonly kept = { [FrameType.STDOUT]: [] as Buffer[], [FrameType.STDERR]: [] as Buffer[] };
  private readonly arrived = { [FrameType.STDOUT]: 0, [FrameType.STDERR]: 0 };
  /** The first bytes, and more of them where they are not those of a stream of frames. */
  private beginning: Buffer = Buffer.alloc(0);
  private foreign = false;
  private end: StreamEnd | undefined;
  /** How long has been waited since the first byte, in milliseconds; what the caller takes for the output does not count. */
  private waitedMs = 0;

  public constructor(
    private readonly answer: BegunAnswer, private readonly use: AnswerUse, private readonly watch: Watch, private readonly limits: ClientLimits,
  ) {}

  /** @throws OutcomeUnknownError, ClientFunctionError; whatever the takers throw */
  public async read(): Promise<ClientRunResult> {
    const events = this.answer.events[Symbol.asyncIterator]();
    for (;;) {
      const event = await this.next(events);
      if (!event) {
        throw this.unknown(CallFault.CUT, this.end
          ? `the answer was cut at its very end, after the command had ended with ${this.end.signal ?? this.end.exitCode}`
          : `the answer was cut${this.progress()}`);
      }
      if (event.InvokeComplete) {
        await this.closed(events);
        return this.complete(event.InvokeComplete);
      }
      await this.take(event.PayloadChunk?.Payload ?? new Uint8Array());
    }
  }

  private async next(events: AsyncIterator<AnswerEvent>): Promise<AnswerEvent | undefined> {
    const { silenceMs, overtimeMs } = this.limits;
    const timeMs = this.use.timeoutSeconds === undefined ? Infinity : this.use.timeoutSeconds * 1000 + overtimeMs - this.waitedMs;
    const late = () => timeMs < silenceMs
      ? this.unknown(CallFault.OVERDUE, `the command should have been stopped after ${this.use.timeoutSeconds} s, and was not`)
      : this.unknown(CallFault.SILENT, `the client has given no sign of life for ${silenceMs / 1000} s${this.progress()}`);
    const began = SYSTEM_CLOCK.now();
    try {
      const { value, done } = await this.watch.for(() => events.next(), Math.min(silenceMs, timeMs), late);
      return done ? undefined : value as AnswerEvent;
    } catch (error) {
      this.watch.signal.throwIfAborted();
      throw this.unknown(CallFault.CUT, `the answer was cut${this.progress()} (${(error as Error).message})`, error);
    } finally {
      this.waitedMs += SYSTEM_CLOCK.now() - began;
    }
  }

  private async take(piece: Uint8Array): Promise<void> {
    if (this.foreign || this.beginning.length < STREAM_MAGIC.length) {
      this.beginning = Buffer.concat([this.beginning, piece]).subarray(0, FOREIGN_BYTES);
    }
    for (const part of this.foreign ? [] : this.parts(piece)) {
      if (part.type === FrameType.END) {
        this.end = part.end;
      } else if (part.type !== FrameType.HEARTBEAT) {
        const [keep, taker] = part.type === FrameType.STDOUT ? [this.use.keepStdout, this.use.onStdout] : [this.use.keepStderr, this.use.onStderr];
        this.arrived[part.type] += part.data.length;
        if (keep) {
          this.kept[part.type].push(part.data);
        }
        const taking = taker?.(part.data);
        if (taking) {
          await this.watch.for(() => taking);
        }
      }
    }
  }

  private parts(piece: Uint8Array) {
    try {
      return this.decoder.push(piece);
    } catch (error) {
      if (!(error instanceof StreamFaultError)) {
        throw error;
      }
      if (error.fault === StreamFault.NOT_A_STREAM) {
        // It may be the function's error, of which the last event tells more.
        this.foreign = true;
        return [];
      }
      throw this.unknown(error.fault === StreamFault.UNKNOWN_VERSION ? CallFault.NOT_UNDERSTOOD : CallFault.DAMAGED, error.message, error);
    }
  }

  /** Lets the connection be used again, if nothing comes any more. */
  private async closed(events: AsyncIterator<unknown>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>(resolve => timer = setTimeout(() => resolve(false), CLOSING_MS));
    const over = await Promise.race([events.next().then(({ done }) => done === true, () => true), late]);
    clearTimeout(timer);
    if (!over) {
      this.watch.close(true);
    }
  }

  private complete({ ErrorCode, ErrorDetails }: AnswerComplete): ClientRunResult {
    const { requestId } = this.answer;
    const result = this.end && resultOf(this.end, {
      stdout: Buffer.concat(this.kept[FrameType.STDOUT]), stderr: Buffer.concat(this.kept[FrameType.STDERR]), requestId,
    });
    const text = this.foreign ? this.beginning.toString() : '';
    if (ErrorCode) {
      const failure = functionFailure(ErrorDetails ?? '') ?? functionFailure(text) ?? { errorType: ErrorCode, errorMessage: ErrorDetails || 'no message' };
      throw functionError(failure, requestId, this.use.log, result);
    }
    if (this.foreign) {
      const failure = functionFailure(text);
      throw failure ? functionError(failure, requestId, this.use.log)
        : this.unknown(CallFault.NOT_UNDERSTOOD, `the answer is not that of a client (${JSON.stringify(text.slice(0, 200))}): is the function one, of this release?`);
    }
    if (this.end?.outputLimitExceeded) {
      throw functionError({ errorType: OUTPUT_LIMIT_EXCEEDED, errorMessage: 'the command has printed too much' }, requestId, this.use.log, result);
    }
    if (!result) {
      throw this.unknown(CallFault.CUT, `the answer was cut${this.progress()}`);
    }
    return result;
  }

  private progress(): string {
    const { [FrameType.STDOUT]: stdout, [FrameType.STDERR]: stderr } = this.arrived;
    return ` after ${stdout} bytes of stdout and ${stderr} bytes of stderr`;
  }

  private unknown(fault: CallFault, what: string, cause?: unknown): OutcomeUnknownError {
    return new OutcomeUnknownError(what, fault, this.answer.requestId, this.use.log, cause);
  }
}
