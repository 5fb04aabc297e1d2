import { Clock } from './clock';
import { Arrivals, Hearing } from './farewell';

/** The agent sends what is not acknowledged again after a second at most: this is that many times. */
const GAP_MS = 60_000;

/** Notices that a message never comes: the agent of AWS forgets what is too much for it. */
export class GapWatch {
  private stopTimer?: () => void;

  public constructor(
    private readonly clock: Clock,
    private readonly arrivals: Arrivals,
    private readonly hearing: Hearing,
    private readonly onGap: (why: string) => void,
  ) {}

  /** Something came. */
  public look(): void {
    if (!this.stopTimer && this.arrivals.hasGap) {
      this.watch();
    }
  }

  /** Waits anew. */
  public reset(): void {
    this.stop();
    this.look();
  }

  public stop(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
  }

  private watch(): void {
    const missing = this.arrivals.nextNumber;
    this.stopTimer = this.clock.after(GAP_MS, () => {
      this.stopTimer = undefined;
      if (!this.arrivals.hasGap) {
        return;
      }
      if (!this.hearing.idle || this.arrivals.nextNumber !== missing) {
        this.watch();
      } else {
        this.onGap(`message ${missing} of its output has not come for ${GAP_MS / 1000} s, though later ones have`);
      }
    });
  }
}
