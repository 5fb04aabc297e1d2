import { setTimeout as sleep } from 'node:timers/promises';
import { WaitTimeoutError } from './errors';

/** How a wait is bounded, and who hears of it. */
export interface WaitOptions {
  /** @default 600 */
  readonly timeoutSeconds?: number;

  /** Ends the wait early, with the signal's reason; what AWS was told to do goes on. */
  readonly signal?: AbortSignal;

  /** Hears, in a few words, what is being waited for, whenever that changes. */
  readonly onProgress?: (what: string) => void;
}

const POLL_MS = 1000;

/**
 * Looks again and again until there is something to see.
 *
 * @param what is being waited for, as in `waited 600 s for WHAT in vain`
 * @param look gives undefined as long as there is nothing
 * @param explain what else is known when the time is over
 * @throws WaitTimeoutError
 */
export async function waitFor<T>(
  what: string, { timeoutSeconds = 600, signal }: WaitOptions, look: () => Promise<T | undefined>, explain: () => string = () => '',
): Promise<T> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    signal?.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    }
    if (Date.now() > deadline) {
      throw new WaitTimeoutError(`waited ${timeoutSeconds} s for ${what} in vain${explain()}`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
