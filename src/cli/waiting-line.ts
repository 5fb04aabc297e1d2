/**
 * Says on a terminal what is being waited for, in one line that is gone when there is something else to see.
 *
 * Elsewhere nothing is said: what stands on stderr is the command's.
 */
export class WaitingLine {
  private isShown = false;

  public constructor(private readonly out: NodeJS.WriteStream, private readonly quiet = false) {}

  public readonly tell = (what: string): void => {
    if (!this.quiet && this.out.isTTY) {
      this.isShown = true;
      this.out.write(`\r\x1b[K${what.slice(0, Math.max(0, (this.out.columns ?? 80) - 3))} …`);
    }
  };

  public clear(): void {
    if (this.isShown) {
      this.isShown = false;
      this.out.write('\r\x1b[K');
    }
  }
}
