import type { ReadStream, WriteStream } from 'node:tty';
import { LocalTerminal } from './local-terminal';
import { InvalidInputError } from '../../errors';
import { SessionChannel } from '../session';
import { deferred } from '../session/deferred';

/** The two sides of a terminal. */
export interface InteractiveOptions {
  /**
   * What is typed into.
   *
   * @default - the standard input of this process
   */
  readonly input?: ReadStream;

  /**
   * What is shown on.
   *
   * @default - the standard output of this process
   */
  readonly output?: WriteStream;
}

/** How it was over. */
export interface InteractiveEnd {
  /** What the service says of it; empty where the remote program has simply ended. */
  readonly message: string;

  /**
   * What this process was told to end with.
   *
   * @default - it was not told to
   */
  readonly signal?: NodeJS.Signals;
}

/** What ends a program that sits at a terminal. */
const ENDING: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'];

/**
 * Looks whether there is a terminal for a session.
 *
 * @throws InvalidInputError where nobody could type, or see
 */
export function refuseWithoutTerminal({ input = process.stdin, output = process.stdout }: InteractiveOptions = {}): void {
  const missing = [...input.isTTY ? [] : ['standard input'], ...output.isTTY ? [] : ['standard output']];
  if (missing.length > 0) {
    throw new InvalidInputError(`a shell takes a terminal to type into, and ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} none: `
      + 'give a command with --cmd, or --cmd - to read it from standard input');
  }
}

/**
 * Puts the user's terminal through to that of a session until the session ends.
 *
 * Whatever is typed goes there as it is, Ctrl-C, Ctrl-Z and Ctrl-\ too; whatever comes is shown as it is. The user's
 * terminal is as before when this is over, also where this process is ended by a signal or by an error of its own.
 *
 * @throws InvalidInputError where there is no terminal; what `channel.ended` fails with
 */
export async function runInteractive(channel: SessionChannel, options: InteractiveOptions = {}): Promise<InteractiveEnd> {
  refuseWithoutTerminal(options);
  return new Interaction(channel, options.input ?? process.stdin, options.output ?? process.stdout).run();
}

class Interaction {
  private readonly terminal: LocalTerminal;
  private readonly undo: (() => void)[] = [];
  private readonly left = deferred<void>();
  private signal: NodeJS.Signals | undefined;
  private isOver = false;

  public constructor(private readonly channel: SessionChannel, private readonly input: ReadStream, private readonly output: WriteStream) {
    this.terminal = new LocalTerminal(input, output);
  }

  public async run(): Promise<InteractiveEnd> {
    let brokenOff = true;
    try {
      this.watchProcess();
      this.terminal.enterRawMode();
      this.channel.resize(this.terminal.size);
      this.channel.onOutput(data => (this.signal ? undefined : this.terminal.show(data)));
      this.listen(this.output, 'resize', () => this.channel.resize(this.terminal.size));
      this.passOnTyping();
      const { message } = await this.channel.ended;
      await Promise.race([this.terminal.shown(), this.left.promise]);
      brokenOff = this.signal !== undefined;
      return { message, ...this.signal && { signal: this.signal } };
    } catch (error) {
      if (this.signal) {
        return { message: '', signal: this.signal };
      }
      // Nobody sits at it any more.
      void this.channel.terminate();
      throw error;
    } finally {
      this.isOver = true;
      this.terminal.restore(brokenOff);
      this.undo.splice(0).forEach(step => step());
      this.input.pause();
    }
  }

  /** One piece after the other: what is pasted waits in the terminal until there is room. */
  private passOnTyping(): void {
    this.listen(this.input, 'data', (data: Buffer) => {
      this.input.pause();
      void this.type(asTyped(data));
    });
    // The terminal is gone: there is nobody to type, or to see.
    for (const [stream, event] of [[this.input, 'end'], [this.input, 'error'], [this.output, 'error']] as const) {
      this.listen(stream, event, () => this.leave('SIGHUP'));
    }
    this.input.resume();
  }

  private async type(data: Buffer): Promise<void> {
    try {
      await this.channel.write(data);
    } catch {
      // How the session has ended is heard of elsewhere.
      return;
    }
    if (!this.isOver) {
      this.input.resume();
    }
  }

  private watchProcess(): void {
    for (const signal of ENDING) {
      this.listen(process, signal, () => this.leave(signal));
    }
    const restore = () => this.terminal.restore(true);
    this.listen(process, 'uncaughtExceptionMonitor', restore);
    this.listen(process, 'exit', restore);
    this.listen(process, 'SIGTSTP', () => {
      this.terminal.leaveRawMode();
      process.kill(process.pid, 'SIGSTOP');
    });
    this.listen(process, 'SIGCONT', () => {
      // The shell has made the terminal its own meanwhile; Node.js does not know.
      this.terminal.leaveRawMode();
      this.terminal.enterRawMode();
      this.channel.resize(this.terminal.size);
    });
  }

  private leave(signal: NodeJS.Signals): void {
    this.signal ??= signal;
    this.terminal.restore(true);
    this.left.resolve();
    void this.channel.terminate();
  }

  private listen(emitter: NodeJS.EventEmitter, event: string, listener: Parameters<NodeJS.EventEmitter['on']>[1]): void {
    emitter.on(event, listener);
    this.undo.push(() => emitter.off(event, listener));
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = Buffer.from('\r');

/** A lone line feed is what some keyboards send for the return key. */
function asTyped(data: Buffer): Buffer {
  return data.length === 1 && data[0] === LINE_FEED ? CARRIAGE_RETURN : data;
}
