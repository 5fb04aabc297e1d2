import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInputError, WaitTimeoutError } from './errors';
import { SYSTEM_CLOCK } from './exec/session/clock';

/** How a wait is bounded, and who hears of it. */
export interface WaitOptions {
  /**
   * How long to wait, in seconds.
   *
   * @default 600
   */
  readonly timeoutSeconds?: number;

  /**
   * Ends the wait early, with the signal's reason; what AWS was told to do goes on.
   *
   * @default - nothing ends it early
   */
  readonly signal?: AbortSignal;

  /**
   * Hears, in a few words, what is being waited for, whenever that changes.
   *
   * @default - nobody hears of it
   */
  readonly onProgress?: (what: string) => void;

  /**
   * How long to pause between two looks, in seconds.
   *
   * @default 1
   */
  readonly pollSeconds?: number;
}

const DEFAULT_TIMEOUT_SECONDS = 600;
const DEFAULT_POLL_SECONDS = 1;

/**
 * Looks again and again until there is something to see.
 *
 * @param what is being waited for, as in `timed out after 600 s waiting for WHAT`
 * @param look gives undefined as long as there is nothing; its signal comes with the end of the time, too
 * @param explain what else is known at the time-out
 * @throws WaitTimeoutError, InvalidInputError
 */
export async function waitFor<T>(
  what: string,
  { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, pollSeconds = DEFAULT_POLL_SECONDS, signal }: WaitOptions,
  look: (signal: AbortSignal) => Promise<T | undefined>,
  explain: () => string = () => '',
): Promise<T> {
  if (!(timeoutSeconds >= 0)) {
    throw new InvalidInputError(`the time-out is ${timeoutSeconds}: give a number of seconds, 0 or more`);
  }
  const timeout = new AbortController();
  const stop = SYSTEM_CLOCK.after(timeoutSeconds * 1000, () => timeout.abort());
  const either = signal ? AbortSignal.any([signal, timeout.signal]) : timeout.signal;
  try {
    for (;;) {
      const seen = await unlessAborted(either, () => look(either));
      if (seen !== undefined) {
        return seen;
      }
      await sleep(pollSeconds * 1000, undefined, { signal: either });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.signal.aborted && (error === either.reason || (error as Error).name === 'AbortError')) {
      throw new WaitTimeoutError(`timed out after ${rounded(timeoutSeconds)} s waiting for ${what}${explain()}`);
    }
    throw error;
  } finally {
    stop();
  }
}

/** To be read: a second or more in whole ones, less in tenths. */
function rounded(seconds: number): number {
  const tenths = Math.round(seconds * 10) / 10;
  return tenths < 1 ? tenths : Math.round(seconds);
}

/**
 * What the work brings, unless the signal comes first: not all that is waited for can be called off.
 *
 * @throws the signal's reason
 */
export async function unlessAborted<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
  if (!signal) {
    return work();
  }
  signal.throwIfAborted();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort);
  });
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** For waits one after the other that share their time: gives the options for the next one. */
export function sharedTime(options: WaitOptions): () => WaitOptions {
  const began = SYSTEM_CLOCK.now();
  const { timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } = options;
  return () => ({ ...options, timeoutSeconds: Math.max(0, timeoutSeconds - (SYSTEM_CLOCK.now() - began) / 1000) });
}

/** Lists the times that are none, in words: each is a number of seconds above 0, or not given. */
export function timeoutProblems(times: { readonly [name: string]: number | undefined }): string[] {
  return Object.entries(times)
    .filter(([, seconds]) => seconds !== undefined && !(seconds > 0 && Number.isFinite(seconds)))
    .map(([name, seconds]) => `the ${name} is ${seconds}: give a number of seconds above 0`);
}

/** Tells the listener what is new, and nothing twice in a row. */
export function changesFor({ onProgress }: WaitOptions): (what: string) => void {
  let last: string | undefined;
  return (what) => {
    if (what !== last) {
      last = what;
      onProgress?.(what);
    }
  };
}
