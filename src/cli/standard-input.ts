import { addAbortSignal, Readable } from 'node:stream';
import { SYSTEM_CLOCK } from '../runtime/exec/session/clock';

/**
 * Reads a command, and its input where it is needed before the command is run.
 *
 * A source that does not end holds nothing up: neither the signal, nor the time-out, nor the end of the program.
 *
 * @param source the command's source, for the message
 * @param timeoutSeconds the time-out of the command, which bounds the reading, too
 * @param read gets standard input, which is left alone unless it is read, and a signal that ends the reading
 * @returns undefined after a time-out, which is printed
 */
export async function readInTime<T>(
  signal: AbortSignal, source: string, timeoutSeconds: number | undefined, read: (stdin: AsyncIterable<unknown>, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const late = new AbortController();
  const stop = timeoutSeconds === undefined ? undefined : SYSTEM_CLOCK.after(timeoutSeconds * 1000, () => late.abort());
  const either = AbortSignal.any([signal, late.signal]);
  let reading = source;
  const stdin = {
    [Symbol.asyncIterator]: () => {
      reading = 'standard input';
      return addAbortSignal<Readable>(either, process.stdin)[Symbol.asyncIterator]();
    },
  };
  try {
    return await read(stdin, either);
  } catch (error) {
    if (signal.aborted || !late.signal.aborted) {
      throw error;
    }
    process.stderr.write(`vast-cloud: ${reading} did not end within the ${timeoutSeconds} s of --timeout, and nothing was run\n`);
    return undefined;
  } finally {
    stop?.();
  }
}
