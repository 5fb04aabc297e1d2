import { createInterface } from 'node:readline/promises';

/** What somebody has said to a question. */
export enum Answer { YES, NO, INTERRUPTED }

/** Asks on the terminal; anything but a yes is none. */
export async function question(
  words: string, input: NodeJS.ReadableStream = process.stdin, output: NodeJS.WritableStream = process.stderr,
): Promise<Answer> {
  const terminal = createInterface({ input, output, terminal: true });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${words} [y/N] `)).trim()) ? Answer.YES : Answer.NO;
  } catch (error) {
    // Ctrl-C and Ctrl-D reach the question itself, and not the process.
    if ((error as Error).name !== 'AbortError') {
      throw error;
    }
    output.write('\n');
    return Answer.INTERRUPTED;
  } finally {
    terminal.close();
  }
}
