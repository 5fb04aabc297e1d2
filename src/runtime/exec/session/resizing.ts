import { Clock } from './clock';
import { TerminalSize } from '../wire';

/** A window that is drawn larger has a new size many times a second. */
const INTERVAL_MS = 100;

/** Sends the first of many sizes at once, and of those that follow the last. */
export class Resizing {
  private size?: TerminalSize;
  private sent?: TerminalSize;
  private stopTimer?: () => void;

  public constructor(
    private readonly clock: Clock,
    private readonly send: (payload: Uint8Array) => void,
  ) {}

  public resize(size: TerminalSize): void {
    this.size = size;
    if (!this.stopTimer) {
      this.sendIfNew();
    }
  }

  /** Sends the size that the terminal has already, which changes nothing there. */
  public repeat(): void {
    if (this.sent) {
      this.send(encode(this.sent));
    }
  }

  public stop(): void {
    this.stopTimer?.();
  }

  private sendIfNew(): void {
    const { size, sent } = this;
    if (!size || (size.cols === sent?.cols && size.rows === sent.rows)) {
      return;
    }
    this.sent = size;
    this.stopTimer = this.clock.after(INTERVAL_MS, () => {
      this.stopTimer = undefined;
      this.sendIfNew();
    });
    this.send(encode(size));
  }
}

function encode({ cols, rows }: TerminalSize): Buffer {
  return Buffer.from(JSON.stringify({ cols, rows }));
}
