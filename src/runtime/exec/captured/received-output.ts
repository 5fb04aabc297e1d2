import { CapturedResult } from './captured-result';
import { CapturedCommand } from './command';
import { ReceivedStream } from './received-stream';
import { RemoteEnd } from './remote-end';

/** What the command has printed, as far as it has arrived. */
export class ReceivedOutput {
  /** With what the other side can sum it up. */
  public comparedBy: CapturedResult['comparedBy'] = 'sha256sum';

  private readonly streams: { readonly o: ReceivedStream; readonly e: ReceivedStream };

  public constructor({ onStdout, onStderr, keepOutput }: CapturedCommand) {
    const needsCksum = () => this.comparedBy === 'cksum';
    this.streams = {
      o: new ReceivedStream(onStdout, keepOutput ?? !onStdout, needsCksum),
      e: new ReceivedStream(onStderr, keepOutput ?? !onStderr, needsCksum),
    };
  }

  /** Takes note of a piece, and gives what its taker makes of it. */
  public take(stream: 'o' | 'e', piece: Buffer): void | Promise<void> {
    return this.streams[stream].take(piece);
  }

  /** What it is, in words; with the end, what it should be, too. */
  public amount(end?: RemoteEnd): string {
    const { o, e } = this.streams;
    const of = (bytes: number | undefined) => bytes === undefined ? '' : ` of ${bytes}`;
    return `${o.bytes} bytes${of(end?.o.bytes)} of stdout and ${e.bytes} bytes${of(end?.e.bytes)} of stderr`;
  }

  /**
   * To be called once, at the end.
   *
   * @returns undefined where what has arrived is not what was sent
   */
  public compared(end: RemoteEnd): OutputResult | undefined {
    const { o, e } = this.streams;
    const [stdoutSha256, stderrSha256] = [o.compared(end.o.bytes, end.o.sum), e.compared(end.e.bytes, end.e.sum)];
    return stdoutSha256 === undefined || stderrSha256 === undefined ? undefined : {
      stdout: o.content,
      stderr: e.content,
      stdoutBytes: o.bytes,
      stderrBytes: e.bytes,
      stdoutSha256,
      stderrSha256,
      comparedBy: this.comparedBy,
    };
  }
}

/** The part of a result that is about what was printed. */
export type OutputResult =
  Pick<CapturedResult, 'stdout' | 'stderr' | 'stdoutBytes' | 'stderrBytes' | 'stdoutSha256' | 'stderrSha256' | 'comparedBy'>;
