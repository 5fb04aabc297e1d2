import { Patience } from './patience';
import { Clock } from '../session/clock';

/** The longest silence after the command's time-out and grace period, until the session is given up. */
export const OVERTIME_MS = 30_000;

/** Waits for a container that is to stop its command, for as long as output still arrives or is taken. */
export class Overtime {
  private readonly patience: Patience;
  private begin!: () => void;
  private stopTimer?: () => void;

  public constructor(private readonly clock: Clock, onOver: () => void) {
    this.patience = new Patience(OVERTIME_MS, onOver, clock);
    void this.patience.holdFor(new Promise<void>((resolve) => { this.begin = resolve; }));
  }

  /** The container is to have stopped the command after so many milliseconds from now on. */
  public expectStop(milliseconds: number): void {
    this.stopTimer?.();
    this.stopTimer = this.clock.after(milliseconds, () => this.begin());
  }

  /** Output has arrived. */
  public sign(): void {
    this.patience.sign();
  }

  /** Somebody takes output. */
  public async holdFor<T>(taking: Promise<T>): Promise<T> {
    return this.patience.holdFor(taking);
  }

  public stop(): void {
    this.stopTimer?.();
    this.patience.stop();
  }
}
