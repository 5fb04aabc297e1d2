import { spawnSync } from 'node:child_process';
import type { ReadStream, WriteStream } from 'node:tty';
import { TerminalModes } from './terminal-modes';
import { TerminalSize } from '../wire';

const LINE_FEED = 0x0a;

/** The terminal that the user sits at, handed over to a session and given back as it was. */
export class LocalTerminal {
  private readonly modes = new TerminalModes();
  private atLineStart = true;
  private isRaw = false;

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

  /** Resolves when there is room for more. */
  public async show(data: Buffer): Promise<void> {
    this.modes.hear(data);
    this.atLineStart = data.at(-1) === LINE_FEED;
    if (!this.output.write(data)) {
      await new Promise(resolve => this.output.once('drain', resolve).once('close', resolve));
    }
  }

  /**
   * As it was before. It can be called at any time, and more than once.
   *
   * @param brokenOff whether something else is said next, which should not stand behind a prompt
   */
  public restore(brokenOff: boolean): void {
    const undone = this.modes.undone() + (brokenOff && !this.atLineStart ? '\r\n' : '');
    if (undone && this.output.writable) {
      this.atLineStart = true;
      this.output.write(undone);
    }
    this.leaveRawMode();
  }
}
