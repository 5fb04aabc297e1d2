/**
 * Ends the program when whoever reads its output has gone, as `head` does: quietly, and with the exit code that a shell
 * gives to a program that SIGPIPE has ended.
 */
export function endWithReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') {
      process.exit(141);
    }
    throw error;
  });
}
