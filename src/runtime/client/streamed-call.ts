import { constants } from 'node:os';
import type { InvokeWithResponseStreamCommandOutput } from '@aws-sdk/client-lambda';
import { FrameDecoder, FrameType, StreamEnd, StreamFault, StreamFaultError } from '../../client/contract';
import { VastRuntimeError } from '../errors';
import type { RunOptions } from './client';
import { AnswerLostError, ClientFunctionError } from './client-errors';

/** How a command has ended, and what it has printed. */
export interface CommandRun {
  /** The command's own; 128 and the number of the signal where one has ended it, as shells have it. */
  readonly exitCode: number;

  /** The name of the signal that has ended it. */
  readonly signal?: string;

  /** Whether it was stopped because its time was over. */
  readonly timedOut: boolean;
  readonly durationMs: number;

  /** Empty where nobody asked for it. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly stdoutBytes: number;
  readonly stderrBytes: number;
  readonly stdoutSha256: string;
  readonly stderrSha256: string;

  /** What AWS calls the request; it is in the client's log. */
  readonly requestId: string;
}

/** How long silence is taken for work, in milliseconds. */
export interface StreamLimits {
  /** Until the answer begins: a new environment has to be made, and its network. */
  readonly beginMs: number;

  /** Between two signs of life, of which the function gives one a minute. */
  readonly idleMs: number;
}

const LIMITS: StreamLimits = { beginMs: 300_000, idleMs: 150_000 };

/** One call of the client, and its streamed answer. */
export class StreamedCall {
  private readonly limits: StreamLimits;
  private readonly silence = new AbortController();
  private readonly pieces = { [FrameType.STDOUT]: [] as Buffer[], [FrameType.STDERR]: [] as Buffer[] };
  private timer: NodeJS.Timeout | undefined;

  public constructor(private readonly options: RunOptions, limits: Partial<StreamLimits>) {
    this.limits = { ...LIMITS, ...limits };
  }

  /** Makes the call, and waits for the answer to begin. */
  public async begun(send: (signal: AbortSignal) => Promise<InvokeWithResponseStreamCommandOutput>): Promise<InvokeWithResponseStreamCommandOutput> {
    this.expectSign(this.limits.beginMs);
    const { signal } = this.options;
    try {
      return await send(signal ? AbortSignal.any([signal, this.silence.signal]) : this.silence.signal);
    } catch (error) {
      throw this.explained(error, undefined);
    } finally {
      clearTimeout(this.timer);
    }
  }

  /** Reads the answer to its end. */
  public async read({ EventStream, $metadata: { requestId } }: InvokeWithResponseStreamCommandOutput): Promise<CommandRun> {
    const decoder = new FrameDecoder();
    let beginning = Buffer.alloc(0);
    let failure: { errorType: string; details: string } | undefined;
    try {
      for await (const { PayloadChunk, InvokeComplete } of this.guarded(EventStream!)) {
        if (PayloadChunk?.Payload) {
          beginning = beginning.length < MOST_OF_AN_ERROR ? Buffer.concat([beginning, PayloadChunk.Payload]) : beginning;
          await this.take(decoder, PayloadChunk.Payload);
        }
        if (InvokeComplete?.ErrorCode) {
          failure = { errorType: InvokeComplete.ErrorCode, details: InvokeComplete.ErrorDetails ?? '' };
        }
      }
    } catch (error) {
      if (!(error instanceof StreamFaultError && error.fault === StreamFault.NOT_A_STREAM)) {
        throw this.explained(error, requestId);
      }
      failure = { errorType: 'NotAStream', details: beginning.toString() };
    } finally {
      clearTimeout(this.timer);
    }
    if (failure) {
      throw functionError(failure, requestId);
    }
    return this.run(this.finished(decoder, requestId), requestId ?? '');
  }

  private async take(decoder: FrameDecoder, payload: Uint8Array): Promise<void> {
    for (const part of decoder.push(payload)) {
      if (part.type === FrameType.STDOUT || part.type === FrameType.STDERR) {
        const { onStdout, onStderr, keepOutput = !onStdout && !onStderr } = this.options;
        if (keepOutput) {
          this.pieces[part.type].push(Buffer.from(part.data));
        }
        await (part.type === FrameType.STDOUT ? onStdout : onStderr)?.(part.data);
      }
    }
  }

  private finished(decoder: FrameDecoder, requestId: string | undefined): StreamEnd {
    try {
      return decoder.finish();
    } catch (error) {
      throw this.explained(error, requestId);
    }
  }

  private run(end: StreamEnd, requestId: string): CommandRun {
    return {
      exitCode: end.exitCode ?? 128 + (constants.signals[end.signal as NodeJS.Signals] ?? 0),
      ...end.signal !== null && { signal: end.signal },
      timedOut: end.timedOut,
      durationMs: end.durationMs,
      stdout: Buffer.concat(this.pieces[FrameType.STDOUT]),
      stderr: Buffer.concat(this.pieces[FrameType.STDERR]),
      stdoutBytes: end.stdoutBytes,
      stderrBytes: end.stderrBytes,
      stdoutSha256: end.stdoutSha256,
      stderrSha256: end.stderrSha256,
      requestId,
    };
  }

  /** What comes, as long as something does. Time that the taker of the output takes is not silence. */
  private async * guarded<T>(stream: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = stream[Symbol.asyncIterator]();
    const { signal } = this.options;
    const ended = signal ? AbortSignal.any([signal, this.silence.signal]) : this.silence.signal;
    const abort = new Promise<never>((_, reject) => ended.addEventListener('abort', () => reject(ended.reason as Error), { once: true }));
    abort.catch(() => undefined);
    try {
      for (;;) {
        this.expectSign(this.limits.idleMs);
        const { done, value } = await Promise.race([iterator.next(), abort]);
        clearTimeout(this.timer);
        if (done) {
          return;
        }
        yield value;
      }
    } finally {
      // Not waited for: where nothing comes any more, neither does its end.
      void iterator.return?.().catch(() => undefined);
    }
  }

  private expectSign(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.silence.abort(new SilenceError(ms)), ms);
  }

  /** An error that came instead of the rest of the answer. */
  private explained(error: unknown, requestId: string | undefined): unknown {
    if (this.options.signal?.aborted) {
      return this.options.signal.reason;
    }
    const cause = this.silence.signal.aborted ? this.silence.signal.reason as Error : error;
    if (cause instanceof VastRuntimeError || !(cause instanceof Error)) {
      return cause;
    }
    return new AnswerLostError(`${cause.message}: how the command has ended is unknown. It may still run, or have run; see its log `
      + `(vast-cloud logs --client) before you run it again${requestId ? ` (request ${requestId})` : ''}`, requestId, cause);
  }
}

class SilenceError extends Error {
  public constructor(ms: number) {
    super(`nothing came from the client for ${Math.round(ms / 1000)} s`);
  }
}

/** So much of an answer may turn out to be an error in JSON. */
const MOST_OF_AN_ERROR = 64 * 1024;

/** What the function itself says of its failure: JSON in the details, or in place of the stream. */
function functionError({ errorType, details }: { errorType: string; details: string }, requestId: string | undefined): ClientFunctionError {
  let said: { errorType?: string; errorMessage?: string } = {};
  try {
    said = JSON.parse(details) as typeof said;
  } catch {
    said = { errorMessage: details };
  }
  const type = said.errorType ?? errorType;
  return new ClientFunctionError(`the client failed: ${type}: ${said.errorMessage || 'it gives no reason'} (request ${requestId})`, type, requestId);
}
