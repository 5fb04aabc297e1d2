import { LONGEST_TIMER_MS } from '../../waiting';

/** Waits for signs, each for no longer than a time. */
export class Patience {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;

  /** @param milliseconds undefined where it is endless */
  public constructor(private readonly milliseconds: number | undefined, private readonly onOver: () => void) {}

  /** Here is one: from now on for the next. */
  public sign(): void {
    if (this.timer) {
      this.timer.refresh();
    } else if (this.milliseconds !== undefined && !this.isStopped) {
      this.timer = setTimeout(() => {
        this.stop();
        this.onOver();
      }, Math.min(this.milliseconds, LONGEST_TIMER_MS));
    }
  }

  /** There can be none, as somebody else is waited for, until `sign`. */
  public hold(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  public stop(): void {
    this.isStopped = true;
    this.hold();
  }
}
