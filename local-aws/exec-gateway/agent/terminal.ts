import type { TerminalSize } from '../../../src/runtime/exec/wire';

/** What the agent runs: a pseudo-terminal with a program, or what a test puts in its place. */
export interface Terminal {
  /** Whether the program has ended and all that it has shown was read. */
  readonly ended: boolean;

  /** Whether the container has stopped, and the agent with it: the client hears no more, not even of that. */
  readonly lost: boolean;

  /**
   * Starts the program; `readable` is called when there is something to read after there was nothing, and at the end.
   *
   * @throws an error whose message is what the service tells the client
   */
  start(readable: () => void): Promise<void>;

  /** At most so many bytes of what it has shown; undefined where there are none for now. */
  read(maximum: number): Buffer | undefined;

  /** Types; false where the program is slow to read and no more should be given before the time that `onDrain` hears of. */
  write(data: Buffer): boolean;

  /** Hears when more may be typed. */
  onDrain(listener: () => void): void;

  /** Kept when what is typed next meets the new size; never fails. */
  resize(size: TerminalSize): Promise<void>;

  /** Takes the terminal away: the program gets SIGHUP. A program that has ended stays as it is. */
  hangUp(): void;
}
