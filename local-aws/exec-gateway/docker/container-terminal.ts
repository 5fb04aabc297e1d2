import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { DockerEngine, DockerError } from './docker-engine';
import { hangUp } from './hang-up';
import { canSignal, hangUpInside, mark } from './hang-up-inside';
import { splitWords } from './split-words';
import type { TerminalSize } from '../../../src/runtime/exec/wire';
import { Terminal } from '../agent/terminal';

export interface ContainerCommand {
  readonly containerId: string;

  /** As the caller gave it; it is split into words, and no shell sees it. */
  readonly command: string;

  /** Whom it runs as, in Docker's words. */
  readonly user: string;
}

interface ExecState {
  readonly Pid: number;
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

interface ContainerState {
  readonly Config: { readonly Env: string[] | null };
  readonly State: { readonly Running: boolean; readonly Pid: number };
}

const POLL = 20;
const LONGEST_START = 10_000;
const KILLED = 137;
/** How long after its processes a container that was stopped shows that it is. */
const LONGEST_STOP = 1000;

/** A command under a pseudo-terminal in a container. */
export class ContainerTerminal implements Terminal {
  private stream?: Duplex;
  private execId = '';
  private state?: ExecState;
  private chunk: Buffer = Buffer.alloc(0);
  private streamEnded = false;
  private over: 'ended' | 'lost' | undefined;
  private wasHungUp = false;
  /** Where its processes are out of reach from here: what they have in their environment. */
  private marked?: string;
  private hangingUp: Promise<void> = Promise.resolve();
  private drained?: () => void;

  public constructor(private readonly engine: DockerEngine, private readonly what: ContainerCommand, private readonly tell: (what: string) => void) {}

  public get ended(): boolean {
    return this.over === 'ended' && this.chunk.length === 0;
  }

  public get lost(): boolean {
    return this.over === 'lost';
  }

  /** Kept when whatever a hang-up has to end has ended. */
  public get gone(): Promise<void> {
    return this.hangingUp;
  }

  public async start(readable: () => void): Promise<void> {
    let words: string[];
    try {
      words = splitWords(this.what.command);
    } catch (error) {
      throw new Error(cannotStart(`Failed to parse commands input: ${(error as Error).message}`));
    }
    try {
      const { Id } = await this.engine.call<{ Id: string }>('POST', `/containers/${this.what.containerId}/exec`, {
        AttachStdin: true, AttachStdout: true, AttachStderr: true, Tty: true, Cmd: words, User: this.what.user, Env: await this.environment(),
      });
      this.execId = Id;
      this.stream = await this.engine.hijack(`/exec/${Id}/start`, { Detach: false, Tty: true });
    } catch (error) {
      throw new Error(cannotStart(`Failed to start pty: ${(error as Error).message}`));
    }
    this.listen(this.stream, readable);
    this.state = await this.started();
    if (this.state.Pid === 0) {
      throw new Error(cannotStart(`Failed to start pty: ${explanation(words[0], await this.readReason())}`));
    }
    if (this.wasHungUp) {
      this.hangUp();
    }
  }

  public read(maximum: number): Buffer | undefined {
    if (this.chunk.length === 0) {
      const chunk = this.stream?.read() as Buffer | null | undefined;
      if (!chunk) {
        return undefined;
      }
      this.chunk = chunk;
    }
    const part = this.chunk.subarray(0, maximum);
    this.chunk = this.chunk.subarray(part.length);
    return part;
  }

  public write(data: Buffer): boolean {
    return this.streamEnded || this.stream === undefined || this.stream.write(data);
  }

  public onDrain(listener: () => void): void {
    this.drained = listener;
  }

  public async resize({ cols, rows }: TerminalSize): Promise<void> {
    await this.engine.call('POST', `/exec/${this.execId}/resize?h=${rows}&w=${cols}`).catch((error: Error) => {
      // One that has ended meanwhile has no size.
      if (!this.streamEnded) this.tell(`the terminal could not be resized: ${error.message}`);
    });
  }

  public hangUp(): void {
    this.wasHungUp = true;
    if (this.state && this.state.Pid > 0 && this.over === undefined) {
      const { containerId } = this.what;
      const hangingUp = this.marked ? hangUpInside(this.engine, containerId, this.marked) : hangUp(this.state.Pid, containerId);
      this.hangingUp = hangingUp.catch((error: Error) => this.tell(`the command may still run: ${error.message}`));
    }
    this.stream?.destroy();
  }

  private listen(stream: Duplex, readable: () => void): void {
    stream.on('readable', readable);
    stream.on('drain', () => this.drained?.());
    const ended = () => {
      if (this.streamEnded) {
        return;
      }
      this.streamEnded = true;
      this.drained?.();
      void this.conclude().then(over => {
        this.over = over;
        readable();
      });
    };
    stream.on('end', ended);
    stream.on('close', ended);
    stream.on('error', (error: Error) => this.tell(`the stream of the terminal has failed: ${error.message}`));
  }

  /** Waits until Docker knows what has become of the command. */
  private async started(): Promise<ExecState> {
    for (let waited = 0; ; waited += POLL) {
      const state = await this.engine.call<ExecState>('GET', `/exec/${this.execId}/json`);
      // Docker says that it runs before it does.
      if (state.Pid > 0 || state.ExitCode !== null) {
        return state;
      } else if (waited > LONGEST_START) {
        throw new Error(cannotStart('Failed to start pty: Docker did not start the command in time'));
      }
      await sleep(POLL);
    }
  }

  /** Tells a command that has ended from one whose container was stopped, and with it the agent in there. */
  private async conclude(): Promise<'ended' | 'lost'> {
    try {
      const { ExitCode } = await this.engine.call<ExecState>('GET', `/exec/${this.execId}/json`);
      this.tell(`the command has ended with ${ExitCode ?? 'no exit code'}`);
      for (let waited = 0; ExitCode === KILLED && waited <= LONGEST_STOP; waited += POLL) {
        if (!await this.containerRuns()) {
          return 'lost';
        }
        await sleep(POLL);
      }
      return await this.containerRuns() ? 'ended' : 'lost';
    } catch (error) {
      if (!(error instanceof DockerError)) {
        this.tell(`what has become of the command is not known: ${(error as Error).message}`);
      }
      return 'lost';
    }
  }

  private async containerRuns(): Promise<boolean> {
    const { State } = await this.engine.call<ContainerState>('GET', `/containers/${this.what.containerId}/json`);
    return State.Running;
  }

  /** What the agent adds to the container's environment. */
  private async environment(): Promise<string[]> {
    const { containerId } = this.what;
    const { Config, State } = await this.engine.call<ContainerState>('GET', `/containers/${containerId}/json`);
    if (!await canSignal(State.Pid, containerId)) {
      this.marked = mark(randomUUID());
    }
    const hasLanguage = (Config.Env ?? []).some(entry => entry.startsWith('LANG=') && entry !== 'LANG=');
    return ['TERM=xterm-256color', ...hasLanguage ? [] : ['LANG=C.UTF-8'], ...this.marked ? [this.marked] : []];
  }

  /** What Docker says on the stream of a command that did not start, which it writes and ends after it has told the exit code. */
  private async readReason(): Promise<string> {
    const text: Buffer[] = [];
    for (let waited = 0; ; waited += POLL) {
      for (let part = this.read(Infinity); part !== undefined; part = this.read(Infinity)) {
        text.push(part);
      }
      if (this.streamEnded || waited > LONGEST_START) {
        return Buffer.concat(text).toString().trim() || 'Docker did not say why';
      }
      await sleep(POLL);
    }
  }
}

function cannotStart(why: string): string {
  return `\n----------ERROR-------\nUnable to start command: ${why}\n`;
}

/** Docker's reason in the words of the agent, whose runtime says it otherwise. */
function explanation(program: string, reason: string): string {
  if (reason.includes('executable file not found')) {
    return `exec: "${program}": executable file not found in $PATH`;
  }
  const known = ['no such file or directory', 'permission denied'].find(one => reason.includes(one));
  return known ? `fork/exec ${program}: ${known}` : reason;
}
