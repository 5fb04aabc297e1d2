import { Ending, OutputSink } from './execution';
import { fitBoth, FittedOutput } from './fitting';
import { KeptOutput } from './kept-output';
import { Upload, Uploaded } from './upload';
import { BUFFERED_ANSWER_BYTES, CommandResult, OutputCut } from '../contract/result';

/** More than all of the answer takes that is not output. */
const REST_BYTES = 4096;

/** One of the two streams of a buffered answer. */
class BufferedOutput {
  public readonly kept: KeptOutput;
  private upload: Upload | undefined;

  public constructor(private readonly limit: number, private readonly address: string | undefined) {
    this.kept = new KeptOutput(limit / 2);
  }

  public add(piece: Buffer): void | Promise<void> {
    const outgrown = this.kept.meter.bytes + piece.length > this.limit;
    if (outgrown && this.address && !this.upload) {
      // The last moment at which all that has come so far is still here.
      this.upload = new Upload(this.address);
      void this.upload.write(this.kept.ends().first);
    }
    this.kept.add(piece);
    return this.upload?.write(piece);
  }

  public hurry(): void {
    this.upload?.abort();
  }

  public async store(answerBy: number): Promise<Uploaded> {
    if (!this.upload && this.address) {
      this.upload = new Upload(this.address);
      void this.upload.write(this.kept.ends().first);
    }
    return this.upload?.finish(answerBy) ?? {};
  }
}

/** Collects what a command prints, and makes it a result that fits into a buffered answer. */
export class BufferedAnswer implements OutputSink {
  public readonly live = false;
  private readonly outputs: readonly [BufferedOutput, BufferedOutput];

  /**
   * @param place an `s3://` address without its end, for what does not fit; undefined for nowhere
   * @param limit how many bytes of JSON fit
   */
  public constructor(place: string | undefined, private readonly limit = BUFFERED_ANSWER_BYTES) {
    this.outputs = [new BufferedOutput(limit, place && `${place}stdout`), new BufferedOutput(limit, place && `${place}stderr`)];
  }

  public readonly stdout = (piece: Buffer) => this.outputs[0].add(piece);

  public readonly stderr = (piece: Buffer) => this.outputs[1].add(piece);

  public hurry(): void {
    this.outputs.forEach(output => output.hurry());
  }

  /**
   * @param answerBy when the answer has to be there, whether or not everything is stored by then
   * @param limit how many bytes of JSON it may have this time, if that is less
   */
  public async result(ending: Ending, answerBy: number, limit = this.limit): Promise<CommandResult> {
    const [stdout, stderr] = this.outputs;
    const [fittedStdout, fittedStderr] = fitBoth([stdout.kept, stderr.kept], limit - REST_BYTES);
    return {
      exitCode: ending.exitCode,
      signal: ending.signal,
      timedOut: ending.timedOut,
      durationMs: ending.durationMs,
      stdout: fittedStdout.text,
      stdoutEncoding: fittedStdout.encoding,
      stderr: fittedStderr.text,
      stderrEncoding: fittedStderr.encoding,
      stdoutBytes: stdout.kept.meter.bytes,
      stderrBytes: stderr.kept.meter.bytes,
      stdoutSha256: stdout.kept.meter.sha256(),
      stderrSha256: stderr.kept.meter.sha256(),
      truncated: fittedStdout.cut !== undefined || fittedStderr.cut !== undefined,
      ...await cuts([[stdout, fittedStdout], [stderr, fittedStderr]], answerBy),
    };
  }
}

async function cuts(outputs: Array<[BufferedOutput, FittedOutput]>, answerBy: number): Promise<{ stdoutCut?: OutputCut; stderrCut?: OutputCut }> {
  if (outputs.every(([_, fitted]) => !fitted.cut)) {
    return {};
  }
  const [stdoutCut, stderrCut] = await Promise.all(outputs.map(async ([output, { cut }]) => cut && { ...cut, ...await output.store(answerBy) }));
  return { ...stdoutCut && { stdoutCut }, ...stderrCut && { stderrCut } };
}
