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
  private timer: NodeJS.Timeout | undefined;
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
    if (sink.live) {
      this.follow();
    }
  }

  /**
   * Resolves when the command has ended and what it has printed has gone to the sink.
   *
   * The pipes end by themselves: the launcher kills whoever still holds them when the command has ended.
   */
  public async ending({ terminateAt, killAt, answerBy }: Deadline): Promise<Ending> {
    const tooLate = new Promise<undefined>(resolve => this.plan([
      [Date.now() + PATIENCE_MS, () => this.follow()],
      [terminateAt, () => {
        this.timedOut = this.running;
        this.kill('SIGTERM');
      }],
      [killAt, () => {
        this.kill('SIGKILL');
        this.sink.hurry();
      }],
      [answerBy, () => resolve(undefined)],
    ]));
    try {
      const status = await Promise.race([this.drained(), tooLate]);
      const durationMs = Math.round((performance.now() - this.began) * 1000) / 1000;
      return status === undefined
        ? { exitCode: null, signal: 'SIGKILL', timedOut: true, durationMs, clean: false }
        : { exitCode: exitCode(status), signal: signalName(status), timedOut: this.timedOut, durationMs, clean: true };
    } finally {
      clearTimeout(this.timer);
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

  private follow(): void {
    this.pipes.forEach(pipe => pipe.follow());
  }

  /** Does one thing after the other, each at its time: a short command ends before the second, and costs one timer. */
  private plan([[at, action], ...others]: Array<[at: number, action: () => void]>): void {
    this.timer = setTimeout(() => {
      if (others.length > 0) {
        this.plan(others);
      }
      action();
    }, Math.max(0, at - Date.now()));
  }
}

/** The number of the signal that has ended a process; 0 for none. */
function signalNumber(status: number): number {
  return status & 0x7f;
}

function exitCode(status: number): number | null {
  return signalNumber(status) === 0 ? status >> 8 : null;
}

function signalName(status: number): string | null {
  const signal = signalNumber(status);
  if (signal === 0) {
    return null;
  }
  return Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`;
}
