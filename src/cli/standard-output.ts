import { spawn } from 'node:child_process';
import { fstatSync } from 'node:fs';

/** As a shell has it for a program that SIGPIPE has ended. */
const READER_GONE = 141;
const FAILED = 1;

/** A command that is over sooner needs nobody to watch the reader of its output. */
const WATCH_AFTER_MS = 1000;

/** What is ended before the program is. */
interface Work {
  /** What has become of it, in words. */
  readonly words: string;
  end(): Promise<unknown>;
}

let work: Work | undefined;
let isEnding = false;

/**
 * Ends the program when its output cannot be written.
 *
 * Where whoever reads it has gone, as `head` does, it ends quietly, with the exit code that a shell gives to a program that
 * SIGPIPE has ended. After any other failure, such as a full disk, it says so and ends with 1.
 */
export function endWithOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isReaderGone(process.stdout, error)) {
      end(READER_GONE);
    } else {
      end(FAILED, `standard output cannot be written: ${reason(error)}`);
    }
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(process.stderr, error)) {
      // There is nowhere to say it.
      end(FAILED);
    } else if (work) {
      end(READER_GONE);
    }
    // Where nobody reads what is said besides, the exit code still tells.
  });
}

/** Sets what is to be ended before the program is: otherwise it would go on elsewhere, for nobody. */
export function endBefore(words: string, endWork: () => Promise<unknown>): void {
  work = { words, end: endWork };
}

/** Resolves when more may be written. A stream that has failed ends the program. */
export async function written(stream: NodeJS.WriteStream, piece: string | Buffer): Promise<void> {
  if (stream.write(piece) || stream.destroyed) {
    return;
  }
  await new Promise<void>((resolve) => {
    const done = () => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

/**
 * Ends the program when whoever reads standard output has gone, although there is nothing to write at the moment.
 *
 * A writer hears of that from poll(2) alone, which Node.js does not have for a pipe. GNU tail has it: it ends by SIGPIPE when the
 * reader of its output has gone, and with this process. Where there is no such tail, the program ends with its next output.
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
        end(READER_GONE);
      }
    });
    // It holds the pipe open, of which the reader waits for the end.
    process.on('exit', () => tail.kill());
  }, WATCH_AFTER_MS).unref();
}

/** A pipe, or a terminal. */
function isReaderGone(stream: NodeJS.WriteStream, { code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || (code === 'EIO' && stream.isTTY);
}

/** Without the name of the system call, which is always the same. */
function reason({ message }: Error): string {
  return message.replace(/^(\w+): (.*), \w+$/, '$2 ($1)');
}

function end(exitCode: number, sentence?: string): void {
  if (isEnding) {
    return;
  }
  isEnding = true;
  const ended = work?.end() ?? Promise.resolve();
  void ended.catch(() => undefined).finally(() => {
    if (sentence === undefined) {
      process.exit(exitCode);
    }
    // The callback comes where this cannot be written, too.
    process.stderr.write(`vast-cloud: ${sentence}${work ? `; ${work.words}` : ''}\n`, () => process.exit(exitCode));
  });
}
