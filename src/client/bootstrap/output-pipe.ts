import { closeSync, readSync } from 'node:fs';
import { Socket } from 'node:net';

/** Takes a piece of output. More is held back while a promise that it has returned is pending. */
export type TakeOutput = (piece: Buffer) => void | Promise<void>;

const READ_BUFFER = Buffer.allocUnsafeSlow(256 * 1024);

/**
 * Our end of a pipe that a command prints to.
 *
 * To be told by events that something is there costs more than to run a short command, and what a short command prints
 * fits into the pipe. So there are two ways to read it: `takeAll` at the command's end, or `follow` while it runs.
 */
export class OutputPipe {
  /** Resolves when all has been taken and nobody has the other end any more. */
  public readonly ended: Promise<void>;

  private hasEnded!: () => void;
  private hasFailed!: (error: Error) => void;
  private open = true;
  private following = false;

  public constructor(private readonly descriptor: number, private readonly take: TakeOutput) {
    this.ended = new Promise((resolve, reject) => [this.hasEnded, this.hasFailed] = [resolve, reject]);
  }

  /** Takes what is there, and follows if that is not the end. */
  public takeAll(): void {
    if (this.following) {
      return;
    }
    try {
      for (let bytes; (bytes = readSync(this.descriptor, READ_BUFFER)) > 0;) {
        void this.take(Buffer.from(READ_BUFFER.subarray(0, bytes)));
      }
      this.close();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') {
        this.follow();
      } else {
        this.hasFailed(error as Error);
      }
    }
  }

  /** Takes what comes, as soon as it comes. */
  public follow(): void {
    if (this.following || !this.open) {
      return;
    }
    this.following = true;
    const socket = new Socket({ fd: this.descriptor, readable: true, writable: false });
    socket.on('data', (piece: Buffer) => {
      const taking = this.take(piece);
      if (taking) {
        socket.pause();
        taking.then(() => socket.resume(), this.hasFailed);
      }
    });
    socket.on('error', this.hasFailed);
    socket.on('end', this.hasEnded);
  }

  private close(): void {
    this.open = false;
    closeSync(this.descriptor);
    this.hasEnded();
  }
}
