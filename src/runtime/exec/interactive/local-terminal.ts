import { spawnSync } from 'node:child_process';
import type { ReadStream, WriteStream } from 'node:tty';
import { TerminalModes } from './terminal-modes';
import { TerminalSize } from '../wire';

const LINE_FEED = 0x0a;

/** So much may wait for a slow terminal: the next is to be here when it has room again. */
const AHEAD_BYTES = 256 * 1024;

/** The terminal that the user sits at, handed over to a session and given back as it was. */
export class LocalTerminal {
  private readonly modes = new TerminalModes();
  private atLineStart = true;
  private isRaw = false;
  private unshown: Buffer[] = [];
  private written = Promise.resolve();
  private full: Promise<void> | undefined;

  public constructor(private readonly input: ReadStream, private readonly output: WriteStream) {}

  public get size(): TerminalSize {
    return { cols: this.output.columns, rows: this.output.rows };
  }

  /** Nothing that is typed means anything here from now on, and nothing that is shown is changed. */
  public enterRawMode(): void {
    this.input.setRawMode(true);
    this.isRaw = true;
    // What Node.js calls raw still adds a carriage return to a line feed, by which full-screen programs move the cursor down.
    spawnSync('stty', ['-opost'], { stdio: [(this.input as { fd?: number }).fd, 'ignore', 'ignore'] });
  }

  public leaveRawMode(): void {
    if (this.isRaw) {
      this.isRaw = false;
      this.input.setRawMode(false);
    }
  }

  /**
   * Shows it with all that comes in the same turn: the agent sends a kilobyte at a time.
   *
   * @returns a promise where there is no room for more yet
   */
  public show(data: Buffer): void | Promise<void> {
    this.atLineStart = data.at(-1) === LINE_FEED;
    if (this.unshown.push(data) === 1) {
      process.nextTick(() => this.flush());
    }
    return this.full;
  }

  /** Resolves when all of it has left this process, or never will. */
  public async shown(): Promise<void> {
    this.flush();
    await this.written;
  }

  /**
   * As it was before. It can be called at any time, and more than once.
   *
   * @param brokenOff whether something else is said next, which should not stand behind a prompt
   */
  public restore(brokenOff: boolean): void {
    this.flush();
    const undone = this.modes.undone() + (brokenOff && !this.atLineStart ? '\r\n' : '');
    if (undone && this.output.writable) {
      this.atLineStart = true;
      this.output.write(undone);
    }
    this.leaveRawMode();
  }

  private flush(): void {
    const data = Buffer.concat(this.unshown.splice(0));
    if (data.length === 0) {
      return;
    }
    const written = new Promise<void>((resolve) => { this.output.write(data, () => resolve()); });
    this.written = written;
    // Nobody waits for this: what is shown first is shown.
    this.modes.hear(data);
    if (this.output.writableLength > AHEAD_BYTES) {
      this.full = written;
      void written.then(() => { this.full = this.full === written ? undefined : this.full; });
    }
  }
}
