import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { endProgram, READER_GONE } from './standard-output';

/** Shorter commands are not worth a process. */
const WATCH_AFTER_MS = 1000;

/**
 * Ends the program when the reader of standard output has exited, even while there is nothing to write.
 *
 * Only poll(2) reports that, which Node.js does not offer for a pipe. GNU tail does: SIGPIPE ends it when the reader of its
 * output has exited, and it ends with this process. Without such a tail, the program ends with its next output.
 */
export function watchReader(): void {
  if (!fstatSync(1).isFIFO()) {
    return;
  }
  setTimeout(() => {
    const tail = spawn('tail', ['-f', `--pid=${process.pid}`, '/dev/null'], { stdio: ['ignore', 'inherit', 'ignore'] });
    tail.unref();
    tail.on('error', () => undefined);
    tail.on('exit', (_, signal) => {
      if (signal === 'SIGPIPE') {
        endProgram(READER_GONE);
      }
    });
    // It holds the pipe open, of which the reader waits for the end.
    process.on('exit', () => tail.kill());
  }, WATCH_AFTER_MS).unref();
}
