import { addAbortSignal, Readable } from 'node:stream';
import { SYSTEM_CLOCK } from '../runtime/exec/session/clock';

/**
 * Reads all of standard input, or what is wanted of it, before something is run.
 *
 * An input that does not end holds nothing up: neither the signal, nor the time-out, nor the end of the program.
 *
 * @param timeoutSeconds the time of what is to be run, which bounds the reading, too
 * @returns undefined where it took too long, which was said
 */
export async function readStandardInput<T>(
  signal: AbortSignal, timeoutSeconds: number | undefined, read: (input: Readable) => Promise<T>,
): Promise<T | undefined> {
  const late = new AbortController();
  const stop = timeoutSeconds === undefined ? undefined : SYSTEM_CLOCK.after(timeoutSeconds * 1000, () => late.abort());
  try {
    return await read(addAbortSignal(AbortSignal.any([signal, late.signal]), process.stdin));
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) {
      throw error;
    }
    process.stderr.write(`vast-cloud: standard input did not end within the ${timeoutSeconds} s of --timeout, and nothing was run\n`);
    return undefined;
  } finally {
    stop?.();
  }
}
