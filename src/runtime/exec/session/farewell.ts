import { Clock } from './clock';

/** Nothing tells which message is the last, and what was sent before the end may come after it. */
const QUIET_MS = 200;

/** What is missing is sent again after a second at most. */
const GAP_MS = 5000;

/** What has come, as far as one can tell. */
export interface Arrivals {
  /** All has, by the agent's own word. */
  readonly isWhole: boolean;
  /** Something was sent that has not come, or was not taken. */
  readonly hasGap: boolean;
  /** The first message that has not. */
  readonly nextNumber: number;
}

/** Those who hear what has come: while they are not idle, what is sent may not be taken. */
export interface Hearing {
  readonly idle: boolean;
}

/** Waits, after the service has said that the session is over, for what was sent before. */
export class Farewell {
  private stopTimer?: () => void;
  private gapSince: number;

  /** @param onEnd hears whether nothing is known to be missing */
  public constructor(
    private readonly clock: Clock,
    private readonly arrivals: Arrivals,
    private readonly hearing: Hearing,
    private readonly onEnd: (whole: boolean) => void,
  ) {
    this.gapSince = clock.now();
  }

  /** Something came just now. */
  public look(): void {
    this.stopTimer?.();
    if (this.arrivals.isWhole) {
      this.onEnd(true);
    } else {
      this.stopTimer = this.clock.after(QUIET_MS, () => this.quiet());
    }
  }

  /** Nothing comes any more. */
  public stop(): void {
    this.stopTimer?.();
  }

  private quiet(): void {
    if (!this.arrivals.hasGap) {
      this.onEnd(true);
      return;
    }
    if (!this.hearing.idle) {
      this.gapSince = this.clock.now();
    } else if (this.clock.now() - this.gapSince >= GAP_MS) {
      this.onEnd(false);
      return;
    }
    this.look();
  }
}
