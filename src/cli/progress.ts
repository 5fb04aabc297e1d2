import { stripVTControlCharacters } from 'node:util';

/** A step that is done, for the summary. */
export interface DoneStep {
  readonly title: string;
  readonly seconds: number;
}

const COLOURS = { red: 31, green: 32, cyan: 36, dim: 2 } as const;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/**
 * Shows long work as a list of steps with their times, on stderr.
 *
 * On a terminal the current step is one line that moves and says what goes on; elsewhere each step is announced and
 * concluded by a line of its own.
 */
export class Progress {
  public readonly done: DoneStep[] = [];
  private readonly live: boolean;

  /** @param quiet shows nothing; what fails is told by its error */
  constructor(private readonly out: NodeJS.WriteStream = process.stderr, private readonly quiet = false) {
    this.live = out.isTTY === true && process.env.TERM !== 'dumb' && !quiet;
  }

  /** Does one step; `work` may tell what it is at. What it returns may end in a word for the concluding line. */
  public async step<T>(title: string, work: (tell: (what: string) => void) => Promise<T>): Promise<T> {
    const began = Date.now();
    const seconds = () => (Date.now() - began) / 1000;
    let current = '';
    let frame = 0;
    if (!this.live && !this.quiet) {
      this.out.write(`  … ${title}\n`);
    }
    const draw = () => this.out.write(this.fit(`${this.paint('cyan', FRAMES[frame++ % FRAMES.length])} ${title}`,
      `${seconds().toFixed(0)} s${current && `  ${current}`}`));
    const timer = this.live ? setInterval(draw, 100) : undefined;
    try {
      const result = await work((what) => { current = what.trim(); });
      this.conclude(this.paint('green', '✔'), title, seconds());
      this.done.push({ title, seconds: seconds() });
      return result;
    } catch (error) {
      this.conclude(this.paint('red', '✖'), title, seconds());
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  private conclude(sign: string, title: string, seconds: number) {
    if (this.quiet) {
      return;
    }
    this.out.write(`${this.live ? '\r\x1b[K' : ''}  ${sign} ${title.padEnd(54)} ${seconds.toFixed(1).padStart(6)} s\n`);
  }

  /** One line, never two: a wrapped line could not be drawn over. */
  private fit(head: string, tail: string): string {
    const room = (this.out.columns ?? 80) - stripVTControlCharacters(head).length - 5;
    return `\r\x1b[K  ${head}  ${this.paint('dim', tail.slice(0, Math.max(0, room)))}`;
  }

  private paint(colour: keyof typeof COLOURS, text: string): string {
    return this.out.isTTY && !process.env.NO_COLOR ? `\x1b[${COLOURS[colour]}m${text}\x1b[0m` : text;
  }
}
