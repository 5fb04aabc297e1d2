import { Clock, SYSTEM_CLOCK } from '../session/clock';

/** Waits for signs, each for no longer than a time. */
export class Patience {
  private stopTimer: (() => void) | undefined;
  private lastSign = 0;
  private isStopped = false;
  private others = 0;

  /** @param milliseconds undefined where it is endless */
  public constructor(
    private readonly milliseconds: number | undefined,
    private readonly onOver: () => void,
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {}

  /** Here is one: from now on for the next. */
  public sign(): void {
    if (this.milliseconds === undefined || this.isStopped || this.others > 0) {
      return;
    }
    this.lastSign = this.clock.now();
    this.stopTimer ??= this.wait(this.milliseconds);
  }

  /** There can be none, as somebody else is waited for, until `sign`. */
  public hold(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
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

  private wait(milliseconds: number): () => void {
    return this.clock.after(milliseconds, () => {
      const left = this.lastSign + this.milliseconds! - this.clock.now();
      if (left >= 1) {
        this.stopTimer = this.wait(left);
      } else {
        this.stop();
        this.onOver();
      }
    });
  }
}
