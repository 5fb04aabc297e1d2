import { constants } from 'node:os';
import { Deadline } from './deadline';
import { WaitingProcess } from './launcher';
import { OutputPipe, TakeOutput } from './output-pipe';
import { Command } from '../contract/event';

/** Where the command's output goes. */
export interface OutputSink {
  /** Whether the output is wanted while the command runs, or is as good at its end. */
  readonly live: boolean;
  readonly stdout: TakeOutput;
  readonly stderr: TakeOutput;

  /** Called when there is no time left to wait for anybody who takes the output. */
  hurry(): void;
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

/** How long output may wait in the pipes that is not wanted live. A command that prints more than they hold waits as long. */
const PATIENCE_MS = 5;

/** A command that runs. */
export class Execution {
  private readonly began = performance.now();
  private readonly timers: NodeJS.Timeout[] = [];
  private readonly pipes: readonly OutputPipe[];
  private readonly status: Promise<number>;
  private running = true;
  private timedOut = false;

  /** Runs a command in a process that waits for one, and lets `sink` have what it prints. */
  public constructor(
    private readonly process: WaitingProcess, command: Command, environment: ReadonlyArray<readonly [string, string]>,
    private readonly sink: OutputSink,
  ) {
    this.pipes = [new OutputPipe(process.stdout, sink.stdout), new OutputPipe(process.stderr, sink.stderr)];
    this.status = process.become(command.cmd, environment, command.stdin).finally(() => this.running = false);
    const follow = () => this.pipes.forEach(pipe => pipe.follow());
    if (sink.live) {
      follow();
    } else {
      this.after(PATIENCE_MS, follow);
    }
  }

  /**
   * Resolves when the command has ended and what it has printed has gone to the sink.
   *
   * The pipes end by themselves: the launcher kills whoever still holds them when the command has ended.
   */
  public async ending({ terminateAt, killAt, answerBy }: Deadline): Promise<Ending> {
    const now = Date.now();
    const tooLate = new Promise<undefined>(resolve => this.after(answerBy - now, () => resolve(undefined)));
    this.after(terminateAt - now, () => {
      this.timedOut = this.running;
      this.kill('SIGTERM');
    });
    this.after(killAt - now, () => {
      this.kill('SIGKILL');
      this.sink.hurry();
    });
    try {
      const status = await Promise.race([this.drained(), tooLate]);
      const durationMs = Math.round((performance.now() - this.began) * 1000) / 1000;
      return status === undefined
        ? { exitCode: null, signal: 'SIGKILL', timedOut: true, durationMs, clean: false }
        : { ...describe(status), timedOut: this.timedOut, durationMs, clean: true };
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

  private async drained(): Promise<number> {
    const status = await this.status;
    this.pipes.forEach(pipe => pipe.takeAll());
    await this.pipes[0].ended;
    await this.pipes[1].ended;
    return status;
  }

  private after(ms: number, action: () => void): void {
    this.timers.push(setTimeout(action, Math.max(0, ms)));
  }
}

function describe(status: number): { exitCode: number | null; signal: string | null } {
  const signal = status & 0x7f;
  if (signal === 0) {
    return { exitCode: status >> 8, signal: null };
  }
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return { exitCode: null, signal: name ?? `signal ${signal}` };
}
