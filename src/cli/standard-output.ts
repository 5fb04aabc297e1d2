/** The exit code that a shell reports for a program that SIGPIPE has ended. */
export const READER_GONE = 141;
const FAILED = 1;

/** A command that the program runs elsewhere. */
interface Work {
  /** Its fate when the program ends early, in words. */
  readonly words: string;
  /** Ends it; undefined where that is not possible, or it is over. */
  readonly end?: () => Promise<unknown>;
}

let work: Work | undefined;
let isEnding = false;

/**
 * Ends the program when its output cannot be written.
 *
 * If the reader of a pipe has exited, as `head` does, the program ends silently with the exit code of SIGPIPE. After any other
 * failure, such as a full disk, it prints the reason and ends with 1.
 */
export function endWithOutput(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isReaderGone(process.stdout, error)) {
      endProgram(READER_GONE);
    } else {
      endProgram(FAILED, `standard output cannot be written: ${reason(error)}`);
    }
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isReaderGone(process.stderr, error)) {
      // There is nowhere to say it.
      endProgram(FAILED);
    } else if (work?.end) {
      endProgram(READER_GONE);
    }
    // Without a reader of messages, the exit code still tells.
  });
}

/**
 * Registers a command that runs elsewhere, where it would go on without a reader of its output.
 *
 * @param words what becomes of it when the output cannot be written
 * @param end ends it before the program ends; left out where it cannot be ended
 * @returns a function to call when the command is over, with what has become of it
 */
export function endBefore(words: string, end?: () => Promise<unknown>): (words: string) => void {
  work = { words, end };
  return (afterwards) => { work = { words: afterwards }; };
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

/** Recognizes that the other end of a pipe or a terminal is closed. */
function isReaderGone(stream: NodeJS.WriteStream, { code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || (code === 'EIO' && stream.isTTY);
}

/** The message of an error without the name of the system call. */
function reason({ message }: Error): string {
  return message.replace(/^(\w+): (.*), \w+$/, '$2 ($1)');
}

/** Ends the registered command, and then the program. */
export function endProgram(exitCode: number, sentence?: string): void {
  if (isEnding) {
    return;
  }
  isEnding = true;
  const ended = work?.end?.() ?? Promise.resolve();
  void ended.catch(() => undefined).finally(() => {
    if (sentence === undefined) {
      process.exit(exitCode);
    }
    // The callback comes where this cannot be written, too.
    process.stderr.write(`vast-cloud: ${sentence}${work ? `; ${work.words}` : ''}\n`, () => process.exit(exitCode));
  });
}
