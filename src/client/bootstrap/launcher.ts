import { constants, openSync } from 'node:fs';
import { Socket, SocketConstructorOpts } from 'node:net';
import { commandLine } from './command-line';

/** The launcher is gone, most likely killed by a command. */
export class LauncherLostError extends Error {
  public readonly name = 'LauncherLost';

  public constructor() {
    super('the process that starts the commands is gone, most likely killed by the command: what became of that is unknown');
  }
}

/** More than the launcher says at once. */
const REPORT_BYTES = 1024;

/** A process that waits for a command to become, and is one from `become` on. */
export interface WaitingProcess {
  /** The number of the process, of its process group and of its session. */
  readonly pid: number;

  /** Our descriptors of its pipes; they do not block. */
  readonly stdout: number;
  readonly stderr: number;

  /** Hands it the command. Resolves with the status of `wait(2)` when the command's process has ended. */
  become(command: Buffer, environment: ReadonlyArray<readonly [string, string]>, stdin: Buffer | undefined): Promise<number>;
}

/** Our end of the launcher: `docker/client/launcher.pl`, which says what goes to and fro. */
export class Launcher {
  private readonly socket: Socket;
  private readonly loss: Promise<never>;
  private pendingReport = '';
  private next: Promise<WaitingProcess>;
  private nextIsReady!: (process: WaitingProcess) => void;
  /** Whether the process for the next command is there or on its way, as the first one is from the start. */
  private prepared = true;

  /**
   * @param descriptor of the socket to the launcher
   * @param scratchDirectory where a command may lie that is too long to be an argument
   */
  public constructor(descriptor: number, private readonly scratchDirectory: string) {
    this.next = this.nextProcess();
    const buffer = Buffer.allocUnsafeSlow(REPORT_BYTES);
    const callback = (bytes: number): boolean => {
      this.takeReports(buffer.toString('latin1', 0, bytes));
      return true;
    };
    // Without a stream between them: that would cost more than all else that is done when a command has ended.
    this.socket = new Socket({ fd: descriptor, readable: true, writable: true, onread: { buffer, callback } } as SocketConstructorOpts);
    this.loss = new Promise((_, reject) => {
      const lost = () => reject(new LauncherLostError());
      this.socket.on('error', lost).on('close', lost);
    });
    this.loss.catch(() => {});
  }

  private commandHasEnded: (status: number) => void = () => {};

  /** Has a process made for the next command. To be called when the answer of the last one needs no more of the processor. */
  public prepare(): void {
    if (!this.prepared) {
      this.prepared = true;
      this.socket.write('next\n');
    }
  }

  /** A process that waits for the next command. It is there when nothing is left of the one before. */
  public async waitingProcess(): Promise<WaitingProcess> {
    this.prepare();
    return Promise.race([this.next, this.loss]);
  }

  private async nextProcess(): Promise<WaitingProcess> {
    return new Promise(resolve => this.nextIsReady = resolve);
  }

  private takeReports(text: string): void {
    const lines = (this.pendingReport + text).split('\n');
    this.pendingReport = lines.pop()!;
    for (const line of lines) {
      const [word, number] = line.split(' ');
      if (word === 'ended') {
        this.commandHasEnded(Number(number));
      } else if (word === 'ready') {
        this.nextIsReady(this.openProcess(Number(number)));
      }
    }
  }

  private openProcess(pid: number): WaitingProcess {
    const open = (descriptor: number, mode: number) => openSync(`/proc/${pid}/fd/${descriptor}`, mode | constants.O_NONBLOCK);
    return {
      pid,
      stdout: open(1, constants.O_RDONLY),
      stderr: open(2, constants.O_RDONLY),
      become: async (command, environment, input) => {
        this.next = this.nextProcess();
        this.prepared = false;
        const ended = new Promise<number>(resolve => this.commandHasEnded = resolve);
        const { line, release } = commandLine(command, environment, input !== undefined, this.scratchDirectory);
        if (input) {
          const socket = new Socket({ fd: open(3, constants.O_WRONLY), readable: false, writable: true });
          // A command need not read what it is given.
          socket.on('error', () => {});
          socket.end(input);
        }
        this.socket.write(line, 'latin1');
        return Promise.race([ended, this.loss]).finally(release);
      },
    };
  }
}
