import { Clock } from './clock';
import { FarewellView } from './farewell';

/** The agent sends what is not acknowledged again after a second at most: this is that many times. */
const GAP_MS = 60_000;

/** Notices that a message never comes: the agent of AWS forgets what is too much for it. */
export class GapWatch {
  private stopTimer?: () => void;

  public constructor(
    private readonly clock: Clock,
    private readonly view: FarewellView & { readonly nextNumber: number },
    private readonly onGap: (why: string) => void,
  ) {}

  /** Something came. */
  public look(): void {
    if (!this.stopTimer && this.view.hasGap) {
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
    const missing = this.view.nextNumber;
    this.stopTimer = this.clock.after(GAP_MS, () => {
      this.stopTimer = undefined;
      if (!this.view.hasGap) {
        return;
      }
      if (this.view.isBusy || this.view.nextNumber !== missing) {
        this.watch();
      } else {
        this.onGap(`message ${missing} of its output has not come for ${GAP_MS / 1000} s, though later ones have`);
      }
    });
  }
}
