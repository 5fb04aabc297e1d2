/** As a shell has it for a program that SIGPIPE has ended. */
const READER_GONE = 141;

let farewell: (() => Promise<unknown>) | undefined;

/** A pipe, or a terminal. */
const GONE = ['EPIPE', 'EIO'];

/**
 * Ends the program when whoever reads its output has gone, as `head` does: quietly, and with the exit code that a shell
 * gives to a program that SIGPIPE has ended. Where nobody hears what else there is to say, the exit code still tells.
 */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    throwUnlessGone(error);
    if (!farewell) {
      process.exit(READER_GONE);
    }
    void farewell().finally(() => process.exit(READER_GONE));
  });
  process.stderr.on('error', throwUnlessGone);
}

function throwUnlessGone(error: NodeJS.ErrnoException): void {
  if (!GONE.includes(error.code ?? '')) {
    throw error;
  }
}

/** What is to be ended before the program is: otherwise it would go on elsewhere, for nobody. */
export function endBefore(work: () => Promise<unknown>): void {
  farewell = work;
}
