import { Ending, OutputSink } from './execution';
import { RequestBody } from './http-connection';
import { OutputMeter } from './output-meter';
import { frame, FRAME_HEADER_BYTES, frameHeader, FrameType, STREAM_MAGIC } from '../contract/frames';
import { OUTPUT_LIMIT_EXCEEDED, STREAMED_ANSWER_BYTES, StreamEnd } from '../contract/result';

/** More than the end frame takes. */
const END_BYTES = 4096;

/** Sends what a command prints while it prints it, in frames, and keeps nothing of it. */
export class StreamedAnswer implements OutputSink {
  public readonly live = true;
  private readonly meters = { [FrameType.STDOUT]: new OutputMeter(), [FrameType.STDERR]: new OutputMeter() };
  private readonly heart: NodeJS.Timeout;
  private sent = STREAM_MAGIC.length;
  private outputLimitExceeded = false;

  /**
   * @param body what is written to it reaches the caller
   * @param heartbeatMs after so long without output a sign of life is given
   * @param stop called when nothing that the command prints can be sent any more
   * @param limit how many bytes the answer may have
   */
  public constructor(
    private readonly body: RequestBody, heartbeatMs: number, private readonly stop: () => void, private readonly limit = STREAMED_ANSWER_BYTES,
  ) {
    body.write(STREAM_MAGIC);
    this.heart = setInterval(() => this.beat(), heartbeatMs);
  }

  public readonly stdout = (piece: Buffer) => this.send(FrameType.STDOUT, piece);

  public readonly stderr = (piece: Buffer) => this.send(FrameType.STDERR, piece);

  public hurry(): void {
    // What has been sent cannot be taken back, and what comes after it has to wait for it.
  }

  /** The last frame; nothing may be sent after it. */
  public end(ending: Ending): StreamEnd {
    clearInterval(this.heart);
    const end: StreamEnd = {
      exitCode: ending.exitCode,
      signal: ending.signal,
      timedOut: ending.timedOut,
      outputLimitExceeded: this.outputLimitExceeded,
      durationMs: ending.durationMs,
      stdoutBytes: this.meters[FrameType.STDOUT].bytes,
      stderrBytes: this.meters[FrameType.STDERR].bytes,
      stdoutSha256: this.meters[FrameType.STDOUT].sha256(),
      stderrSha256: this.meters[FrameType.STDERR].sha256(),
    };
    this.body.write(frame(FrameType.END, Buffer.from(JSON.stringify(end))));
    return end;
  }

  /** Ends the signs of life where there will be no end frame. */
  public abandon(): void {
    clearInterval(this.heart);
  }

  private send(type: FrameType.STDOUT | FrameType.STDERR, piece: Buffer): void | Promise<void> {
    const room = this.limit - END_BYTES - this.sent - FRAME_HEADER_BYTES;
    if (piece.length > room && !this.outputLimitExceeded) {
      this.outputLimitExceeded = true;
      this.stop();
    }
    const sendable = piece.length > room ? piece.subarray(0, Math.max(0, room)) : piece;
    if (sendable.length === 0) {
      return undefined;
    }
    this.meters[type].add(sendable);
    this.sent += FRAME_HEADER_BYTES + sendable.length;
    this.heart.refresh();
    return this.body.write(frameHeader(type, sendable.length), sendable) ? undefined : this.body.drained();
  }

  private beat(): void {
    if (!this.outputLimitExceeded && this.sent + FRAME_HEADER_BYTES < this.limit - END_BYTES) {
      this.sent += FRAME_HEADER_BYTES;
      this.body.write(frame(FrameType.HEARTBEAT));
    }
  }
}

/** What the function's error says where a command has printed too much. */
export function outputLimitError(limit = STREAMED_ANSWER_BYTES): { errorType: string; errorMessage: string } {
  return {
    errorType: OUTPUT_LIMIT_EXCEEDED,
    errorMessage: `the command was stopped: it has printed more than the ${limit / 1e6} MB that a streamed answer can carry`,
  };
}
