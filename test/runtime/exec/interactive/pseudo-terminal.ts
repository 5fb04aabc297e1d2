import { ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** How a program at a terminal has ended. */
export interface TerminalEnd {
  /** Its exit code; minus the number of the signal that has ended it. */
  readonly exit: number;
  /** The settings of the terminal afterwards. */
  readonly modes: string;
}

/** A program at a real pseudo-terminal. */
export class PseudoTerminal {
  public static async open(program: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<PseudoTerminal> {
    const terminal = new PseudoTerminal(program, args, env);
    await terminal.until(() => terminal.modesBefore !== undefined);
    return terminal;
  }

  /** The settings of the terminal before the program began. */
  public modesBefore: string | undefined;
  public modes: string | undefined;
  public shown = '';
  public end: TerminalEnd | undefined;

  private readonly helper: ChildProcess;

  private constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.helper = spawn('python3', [path.join(__dirname, 'pseudo-terminal.py'), program, ...args], { stdio: ['pipe', 'pipe', 'inherit'], env });
    createInterface({ input: this.helper.stdout! }).on('line', (line) => {
      const report = JSON.parse(line) as { shown?: string; modes?: string; exit?: number };
      if (report.shown !== undefined) {
        this.shown += Buffer.from(report.shown, 'base64').toString('latin1');
      } else if (report.exit !== undefined) {
        this.end = report as TerminalEnd;
      } else {
        this.modesBefore ??= report.modes;
        this.modes = report.modes;
      }
    });
  }

  public type(data: string | Buffer): void {
    this.request({ type: Buffer.from(data as string).toString('base64') });
  }

  public resize(columns: number, rows: number): void {
    this.request({ resize: [columns, rows] });
  }

  public signal(name: NodeJS.Signals): void {
    this.request({ signal: name });
  }

  /** Changes the settings as a shell does when the program has stopped. */
  public cook(): void {
    this.request({ cook: true });
  }

  public async currentModes(): Promise<string> {
    this.modes = undefined;
    this.request({ modes: true });
    await this.until(() => this.modes !== undefined);
    return this.modes!;
  }

  /** Waits until something is shown, from a place on. */
  public async see(text: string | RegExp, from = 0): Promise<void> {
    const matches = () => (typeof text === 'string' ? this.shown.indexOf(text, from) >= 0 : text.test(this.shown.slice(from)));
    try {
      await this.until(matches);
    } catch {
      throw new Error(`${String(text)} is not shown, but ${JSON.stringify(this.shown.slice(-2000))}${this.end ? `, and the program has ended with ${this.end.exit}` : ''}`);
    }
  }

  public async ended(): Promise<TerminalEnd> {
    await this.until(() => this.end !== undefined);
    return this.end!;
  }

  public close(): void {
    this.helper.stdin!.end();
  }

  private request(what: object): void {
    this.helper.stdin!.write(`${JSON.stringify(what)}\n`);
  }

  private async until(isSo: () => boolean, seconds = 60): Promise<void> {
    const limit = Date.now() + seconds * 1000;
    while (!isSo()) {
      if (Date.now() > limit) {
        throw new Error(`it was not so within ${seconds} s`);
      }
      await new Promise(resolve => setTimeout(resolve, 5));
    }
  }
}
