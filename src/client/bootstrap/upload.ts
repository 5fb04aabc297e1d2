import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { OutputCut } from '../contract/result';

/** Where a stream is that did not fit into the answer, or why it is not there. */
export type Uploaded = Pick<OutputCut, 'whole' | 'wholeError'>;

/**
 * Puts a stream of unknown length into an object in S3, while it arrives.
 *
 * The AWS CLI, which commands have beside them in any case, does it: with retries, in parts, and in constant memory.
 */
export class Upload {
  private readonly process: ChildProcess;
  private readonly ended: Promise<string | undefined>;
  private over = false;
  private complaints = '';

  public constructor(private readonly address: string) {
    // Loaded late: few commands need it, and it takes some milliseconds.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { spawn } = require('node:child_process') as typeof import('node:child_process');
    this.process = spawn('aws', ['s3', 'cp', '--only-show-errors', '-', address], { stdio: ['pipe', 'ignore', 'pipe'] });
    this.process.stderr!.setEncoding('utf8').on('data', (text: string) => this.complaints = (this.complaints + text).slice(-1000));
    // What went wrong is told by how it ends.
    this.process.stdin!.on('error', () => this.over = true);
    this.ended = new Promise(resolve => {
      this.process.once('error', error => resolve(error.message));
      this.process.once('close', (code, signal) => resolve(code === 0 ? undefined : this.complaints.trim() || `aws s3 cp ended with ${signal ?? code}`));
    });
    void this.ended.then(() => this.over = true);
  }

  /** Takes the next piece. A promise means that the next one should wait for it. */
  public write(piece: Buffer): void | Promise<void> {
    if (this.over || this.process.stdin!.write(piece)) {
      return undefined;
    }
    return Promise.race([once(this.process.stdin!, 'drain'), this.ended]).then(() => {}, () => {});
  }

  /** @param answerBy when this has to be over */
  public async finish(answerBy: number): Promise<Uploaded> {
    this.process.stdin!.end();
    const timer = setTimeout(() => this.abort(), Math.max(0, answerBy - Date.now()));
    const wholeError = await this.ended;
    clearTimeout(timer);
    return wholeError === undefined ? { whole: this.address } : { wholeError };
  }

  /** Gives up, if it is not over. */
  public abort(): void {
    if (!this.over) {
      this.over = true;
      this.complaints = 'there was no time left to store all of it';
      this.process.kill('SIGKILL');
    }
  }
}
