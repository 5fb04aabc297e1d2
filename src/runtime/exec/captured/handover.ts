import { DAMAGED, MISSING, READY } from './bootstrap';
import { sumsOf } from './cksum';
import { CheckedCommand } from './command';
import { CommandNotStartedError, MissingProgramsError } from './errors';
import { Typist } from './typist';

/** Hands a command over to the container: first the program that runs it, then the command. */
export class Handover {
  private readonly missing: string[] = [];
  private isBegun = false;

  /** @param program what is to run in the container */
  public constructor(private readonly typist: Typist, private readonly command: CheckedCommand, private readonly program: string) {}

  /**
   * Heeds a line that comes before there is a program to make frames.
   *
   * @returns false where it is of somebody else
   * @throws CommandNotStartedError
   */
  public heed(line: string): boolean {
    if (line.startsWith(MISSING)) {
      this.missing.push(line.slice(MISSING.length));
    } else if (line === READY && !this.isBegun) {
      if (this.missing.length > 0) {
        throw new MissingProgramsError(this.missing);
      }
      this.isBegun = true;
      void this.typist.type(`${this.program.length} ${sumsOf(Buffer.from(this.program))}`, this.program);
    } else if (line === DAMAGED && this.isBegun) {
      throw damaged();
    } else {
      return false;
    }
    return true;
  }

  /** The program asks for the command. */
  public give(): void {
    const { launcher, script } = this.command;
    const payload = Buffer.concat([launcher, script]);
    const base64 = payload.toString('base64');
    void this.typist.type(`${base64.length} ${launcher.length} ${sumsOf(payload)}`, base64);
  }

  /** What it means that the session is over before the command was given. */
  public failure(why: string, cause?: Error): CommandNotStartedError {
    return this.missing.length > 0 ? new MissingProgramsError(this.missing) : new CommandNotStartedError(
      `the session was over before the command was run: ${why || 'the container has said nothing'}`, { cause });
  }
}

/** The program, or the command, is not what was typed. */
export function damaged(): CommandNotStartedError {
  return new CommandNotStartedError('the command did not arrive as it was sent, and was not run: run it again');
}
