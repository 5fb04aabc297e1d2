import { EXIT } from './errors';

/** What the user has to know when they stop waiting. */
export interface Interruptible {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;

  /** Says what goes on from now on when the user stops waiting for it. */
  goesOn(words: string): void;
}

/**
 * Does something that the user may stop waiting for: Ctrl-C ends it with a word on what goes on.
 *
 * @returns the exit code
 */
export async function interruptible(goesOn: string, work: (interruptible: Interruptible) => Promise<number>): Promise<number> {
  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  let words = goesOn;
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    return await work({ signal: interruption.signal, goesOn: (others) => { words = others; } });
  } catch (error) {
    if (!interruption.signal.aborted) {
      throw error;
    }
    process.stderr.write(`interrupted; ${words}\n`);
    return EXIT.interrupted;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
