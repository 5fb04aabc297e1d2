import { LONGEST_TIMER_MS } from '../../waiting';

/** Waits for signs, each for no longer than a time. */
export class Patience {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private others = 0;

  /** @param milliseconds undefined where it is endless */
  public constructor(private readonly milliseconds: number | undefined, private readonly onOver: () => void) {}

  /** Here is one: from now on for the next. */
  public sign(): void {
    if (this.timer) {
      this.timer.refresh();
    } else if (this.milliseconds !== undefined && !this.isStopped && this.others === 0) {
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

  /** There can be none until this is over, whatever signs there are meanwhile; its end is one. */
  public async holdFor<T>(other: Promise<T>): Promise<T> {
    this.others++;
    this.hold();
    try {
      return await other;
    } finally {
      this.others--;
      this.sign();
    }
  }

  public stop(): void {
    this.isStopped = true;
    this.hold();
  }
}
