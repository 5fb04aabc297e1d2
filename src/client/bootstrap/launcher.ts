import { ChildProcess, spawn } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import { LAUNCHER_PROGRAM } from './launcher-program';
import { Settings } from './settings';

/** Numbers of the system calls prctl, setsid and prlimit64. */
const SYSTEM_CALLS: { readonly [architecture: string]: number[] } = {
  x64: [157, 112, 302],
  arm64: [167, 157, 261],
};

/** The launcher is gone, most likely killed by a command. */
export class LauncherLostError extends Error {
  public readonly name = 'LauncherLost';

  public constructor() {
    super('the command has ended the process that had started it: what became of the command is unknown');
  }
}

/** A process that waits for a command to become, and is one from `become` on. */
export interface WaitingProcess {
  /** The number of the process, of its process group and of its session. */
  readonly pid: number;
  readonly stdout: Socket;
  readonly stderr: Socket;

  /** Hands it the command. Resolves with the status of `wait(2)` when the command's process has ended. */
  become(command: Buffer, environment: ReadonlyArray<readonly [string, string]>, stdin: Buffer | undefined): Promise<number>;
}

/** Our end of the launcher, see `launcher-program.ts`. */
export class Launcher {
  private readonly process: ChildProcess;
  private pendingReport = '';
  private next: Promise<WaitingProcess>;
  private nextIsReady!: (process: WaitingProcess) => void;
  private commandHasEnded: (status: number) => void = () => {};
  private lost!: (error: Error) => void;
  private readonly loss: Promise<never>;

  /** @param environment what every command finds in its environment */
  public constructor(settings: Settings, environment: NodeJS.ProcessEnv) {
    const systemCalls = SYSTEM_CALLS[process.arch];
    if (!systemCalls) {
      throw new Error(`the architecture ${process.arch} is not supported: there are ${Object.keys(SYSTEM_CALLS).join(', ')}`);
    }
    this.loss = new Promise((_, reject) => this.lost = reject);
    this.loss.catch(() => {});
    this.next = this.nextProcess();
    this.process = spawn('perl', ['-e', LAUNCHER_PROGRAM, '--', ...systemCalls, settings.mostProcesses].map(String), {
      cwd: settings.scratchDirectory,
      env: environment,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.process.once('error', error => this.lost(error));
    this.process.once('exit', () => this.lost(new LauncherLostError()));
    this.process.stdin!.on('error', () => this.lost(new LauncherLostError()));
    this.process.stdout!.setEncoding('latin1').on('data', (text: string) => this.takeReports(text));
  }

  /** A process that waits for the next command. It is there when nothing is left of the one before. */
  public async waitingProcess(): Promise<WaitingProcess> {
    return Promise.race([this.next, this.loss]);
  }

  private async nextProcess(): Promise<WaitingProcess> {
    return new Promise(resolve => this.nextIsReady = resolve);
  }

  private takeReports(text: string): void {
    const lines = (this.pendingReport + text).split('\n');
    this.pendingReport = lines.pop()!;
    for (const line of lines) {
      const [word, ...numbers] = line.split(' ');
      if (word === 'ended') {
        this.commandHasEnded(Number(numbers[0]));
      } else if (word === 'ready') {
        this.nextIsReady(this.openProcess(numbers.map(Number)));
      }
    }
  }

  private openProcess([pid, stdin, stdout, stderr]: number[]): WaitingProcess {
    const open = (descriptor: number, mode: number) => openSync(`/proc/${pid}/fd/${descriptor}`, mode | constants.O_NONBLOCK);
    const output = (descriptor: number) => new Socket({ fd: open(descriptor, constants.O_RDONLY), readable: true, writable: false });
    return {
      pid,
      stdout: output(stdout),
      stderr: output(stderr),
      become: async (command, environment, input) => {
        this.next = this.nextProcess();
        const ended = new Promise<number>(resolve => this.commandHasEnded = resolve);
        if (input) {
          const socket = new Socket({ fd: open(stdin, constants.O_WRONLY), readable: false, writable: true });
          // A command need not read what it is given.
          socket.on('error', () => {});
          socket.end(input);
        }
        this.process.stdin!.write(request(command, environment, input !== undefined));
        return Promise.race([ended, this.loss]);
      },
    };
  }
}

/** The length of the rest, and fields with NUL bytes between them, which none of them contains. */
function request(command: Buffer, environment: ReadonlyArray<readonly [string, string]>, hasStdin: boolean): Buffer {
  const variables = environment.map(([name, value]) => `\0${name}=${value}`).join('');
  const body = Buffer.concat([Buffer.alloc(4), Buffer.from(hasStdin ? '1\0' : '\0'), command, Buffer.from(variables)]);
  body.writeUInt32BE(body.length - 4);
  return body;
}
