import { constants } from 'node:os';

/** Ctrl-C, the end of the terminal, and whoever ends programs. */
const SIGNALS = ['SIGINT', 'SIGHUP', 'SIGTERM'] as const;

/** What the user has to know when they stop waiting. */
export interface Interruptible {
  /** Aborted by Ctrl-C, and when the terminal is closed. */
  readonly signal: AbortSignal;

  /** Says what goes on from now on when the user stops waiting for it. */
  goesOn(words: string): void;
}

/**
 * Does something that the user may stop waiting for: Ctrl-C ends it with a word on what goes on.
 *
 * @returns the exit code; as a shell has it for a program that a signal has ended, where that was so
 */
export async function interruptible(goesOn: string, work: (interruptible: Interruptible) => Promise<number>): Promise<number> {
  const interruption = new AbortController();
  let received: typeof SIGNALS[number] | undefined;
  const interrupt = (signal: typeof SIGNALS[number]) => {
    received ??= signal;
    interruption.abort();
  };
  let words = goesOn;
  SIGNALS.forEach(signal => process.once(signal, interrupt));
  try {
    return await work({ signal: interruption.signal, goesOn: (others) => { words = others; } });
  } catch (error) {
    if (!received) {
      throw error;
    }
    process.stderr.write(words ? `interrupted; ${words}\n` : 'interrupted\n');
    return 128 + constants.signals[received];
  } finally {
    SIGNALS.forEach(signal => process.off(signal, interrupt));
  }
}
