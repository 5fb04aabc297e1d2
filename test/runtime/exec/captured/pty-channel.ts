import { ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CAPTURED_COMMAND } from '../../../../src/runtime/exec/captured/bootstrap';
import { SessionChannel, SessionEnd } from '../../../../src/runtime/exec/session/session-channel';

/** By its path: the environment of the command need not lead to it. */
const PYTHON = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();

/** The words of CAPTURED_COMMAND, as the agent takes it apart. */
export function capturedWords(): string[] {
  const words = /^(\S+) (-c) '([^']*)'$/.exec(CAPTURED_COMMAND);
  return words!.slice(1);
}

/** A session with a real pseudo-terminal on this machine. */
export class PtyChannel implements SessionChannel {
  public readonly sessionId = 'a-session';
  public readonly ended: Promise<SessionEnd>;
  /** All that the terminal has shown. */
  public readonly shown: Buffer[] = [];
  public shownBytes = 0;
  public typedBytes = 0;
  private readonly remember: boolean;
  private readonly host: ChildProcessWithoutNullStreams;
  private readonly pidLine: Promise<string>;
  private hearing: Promise<void> = Promise.resolve();
  private readonly waiting: Buffer[] = [];
  private isBusy = false;

  public constructor(
    words: readonly string[], options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly remember?: boolean } = {},
  ) {
    this.host = spawn(PYTHON, [join(__dirname, 'pty-host.py'), ...words], { env: options.env ?? process.env, cwd: options.cwd });
    this.pidLine = once(this.host.stderr, 'data').then(([data]) => String(data));
    this.host.stdin.on('error', () => undefined);
    this.remember = options.remember ?? true;
    this.ended = once(this.host, 'close').then(async () => {
      await this.hearing;
      return { message: '' };
    });
  }

  public onOutput(listener: (data: Buffer) => void | Promise<void>): void {
    this.host.stdout.on('data', (data: Buffer) => {
      this.shownBytes += data.length;
      if (this.remember) {
        this.shown.push(data);
      }
      this.waiting.push(data);
      if (!this.isBusy) {
        this.hearing = this.hand(listener);
      }
    });
  }

  public async write(data: Uint8Array): Promise<void> {
    this.typedBytes += data.length;
    if (!this.host.stdin.write(data)) {
      await Promise.race([once(this.host.stdin, 'drain'), this.ended]);
    }
  }

  public resize(): void {
    // Nobody looks.
  }

  /** As the agent does it. */
  public async terminate(): Promise<void> {
    this.host.kill('SIGUSR1');
    this.host.stdin.end();
    await this.ended;
  }

  /** As thoroughly as possible. */
  public async killGroup(): Promise<void> {
    this.host.kill('SIGUSR2');
    this.host.stdin.end();
    await this.ended;
  }

  /** The program hears of the hang-up, and of nothing else: the terminal stays. */
  public async hangUpSignal(): Promise<void> {
    process.kill(-await this.pid(), 'SIGHUP');
    await this.ended;
  }

  /** The connection is gone, and the process is left to find that out by itself. */
  public async hangUp(): Promise<void> {
    this.host.stdin.end();
    await this.ended;
  }

  /** As an agent whose client does not answer: what is shown waits in the terminal. */
  public stopReading(): void {
    this.host.kill('SIGSTOP');
  }

  public readOn(): void {
    this.host.kill('SIGCONT');
  }

  /** The process that the agent would have started. */
  public async pid(): Promise<number> {
    return Number(/pid (\d+)/.exec(await this.pidLine)![1]);
  }

  public get screen(): string {
    return Buffer.concat(this.shown).toString('latin1');
  }

  /** One after the other: when a process ends, Node.js reads on whoever has paused it. */
  private async hand(listener: (data: Buffer) => void | Promise<void>): Promise<void> {
    this.isBusy = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      const taking = listener(next);
      if (taking) {
        this.host.stdout.pause();
        await taking;
      }
    }
    this.isBusy = false;
    this.host.stdout.resume();
  }
}
