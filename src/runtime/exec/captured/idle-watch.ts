/** Watches whether a command still does something that one can see. */
export class IdleWatch {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** @param seconds undefined where it may be idle for as long as it likes */
  public constructor(private readonly seconds: number | undefined, private readonly onIdle: () => void) {}

  /** It has done something. */
  public sign(): void {
    this.hold();
    if (this.seconds !== undefined && !this.isStopped) {
      this.timer = setTimeout(() => {
        this.stop();
        this.onIdle();
      }, this.seconds * 1000);
    }
  }

  /** It cannot go on, as it is waited for somebody else, until `sign`. */
  public hold(): void {
    clearTimeout(this.timer);
  }

  public stop(): void {
    this.isStopped = true;
    this.hold();
  }
}
