import { constants } from 'node:os';
import { Deadline } from './deadline';
import { WaitingProcess } from './launcher';
import { Command } from '../contract';

/** Where the command's output goes. It is held back while one of these promises is pending. */
export interface OutputSink {
  stdout(piece: Buffer): void | Promise<void>;
  stderr(piece: Buffer): void | Promise<void>;
}

/** How the command has ended. */
export interface Ending {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly durationMs: number;

  /** Whether all is gone that the command has started. If not, this sandbox must not serve another command. */
  readonly clean: boolean;
}

/** A command that runs. */
export class Execution {
  private readonly began = performance.now();
  private readonly timers: NodeJS.Timeout[] = [];
  private running = true;
  private timedOut = false;

  private constructor(private readonly process: WaitingProcess) {}

  /** Runs a command in a process that waits for one, and lets `sink` have what it prints. */
  public static start(
    process: WaitingProcess, command: Command, environment: ReadonlyArray<readonly [string, string]>, sink: OutputSink,
  ): Execution {
    const execution = new Execution(process);
    execution.status = process.become(command.cmd, environment, command.stdin).then(status => {
      execution.running = false;
      return status;
    });
    execution.status.catch(() => execution.running = false);
    execution.drained = Promise.all([
      drain(process.stdout, piece => sink.stdout(piece)),
      drain(process.stderr, piece => sink.stderr(piece)),
    ]);
    return execution;
  }

  private status!: Promise<number>;
  private drained!: Promise<unknown>;

  /**
   * Resolves when the command has ended and what it has printed has gone to the sink.
   *
   * The pipes end by themselves: the launcher kills whoever still holds them when the command has ended.
   */
  public async ending({ terminateAt, killAt, answerBy }: Deadline): Promise<Ending> {
    const tooLate = new Promise<'too late'>(resolve => this.at(answerBy, () => resolve('too late')));
    this.at(terminateAt, () => {
      this.timedOut = this.running;
      this.kill('SIGTERM');
    });
    this.at(killAt, () => this.kill('SIGKILL'));
    try {
      const end = await Promise.race([Promise.all([this.status, this.drained]), tooLate]);
      const durationMs = Math.round((performance.now() - this.began) * 1000) / 1000;
      if (end === 'too late') {
        return { exitCode: null, signal: 'SIGKILL', timedOut: true, durationMs, clean: false };
      }
      return { ...describe(end[0]), timedOut: this.timedOut, durationMs, clean: true };
    } finally {
      this.timers.forEach(clearTimeout);
    }
  }

  /** Sends a signal to the command and to all that is still in its process group. */
  public kill(signal: NodeJS.Signals): void {
    if (!this.running) {
      return;
    }
    try {
      process.kill(-this.process.pid, signal);
    } catch {
      // It has ended in this moment.
    }
  }

  private at(time: number, action: () => void): void {
    this.timers.push(setTimeout(action, Math.max(0, time - Date.now())));
  }
}

async function drain(pipe: WaitingProcess['stdout'], take: (piece: Buffer) => void | Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    let taking: void | Promise<void>;
    pipe.on('data', (piece: Buffer) => {
      taking = take(piece);
      if (taking) {
        pipe.pause();
        taking.then(() => pipe.resume(), reject);
      }
    });
    pipe.on('error', reject);
    pipe.on('end', resolve);
  });
}

function describe(status: number): { exitCode: number | null; signal: string | null } {
  const signal = status & 0x7f;
  if (signal === 0) {
    return { exitCode: status >> 8, signal: null };
  }
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { exitCode: null, signal: name ?? `signal ${signal}` };
}
