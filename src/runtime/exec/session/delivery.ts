export interface DeliveryEvents {
  /** One was through that had not been at once: there is more room, or nothing is left. */
  onThrough(): void;

  /** One failed; no other is handed on. */
  onFailed(error: unknown): void;
}

/** Hands one thing after the other on, and keeps what comes while the one before is not through. */
export class Delivery<T> {
  private readonly queue: Array<{ readonly item: T; readonly cost: number }> = [];
  private busy = false;
  private held = 0;
  private stopped = false;

  /** @param hand what to do with each; it is through when its promise is kept */
  public constructor(
    private readonly hand: (item: T) => void | Promise<void>,
    private readonly events: DeliveryEvents,
  ) {}

  /** What is kept here and is not through, in the unit of the costs. */
  public get heldCost(): number {
    return this.held;
  }

  public get idle(): boolean {
    return !this.busy;
  }

  public push(item: T, cost: number): void {
    if (this.stopped) {
      return;
    }
    this.held += cost;
    if (this.busy) {
      this.queue.push({ item, cost });
    } else {
      this.run(item, cost);
    }
  }

  /** Forgets what waits. */
  public stop(): void {
    this.stopped = true;
    this.queue.length = 0;
    this.held = 0;
    this.busy = false;
  }

  /** Without a promise in between as long as there is nothing to wait for. */
  private run(firstItem: T, firstCost: number): void {
    this.busy = true;
    let item = firstItem;
    let cost = firstCost;
    for (;;) {
      try {
        const through = this.hand(item);
        if (through) {
          const waitedFor = cost;
          through.then(() => this.goOn(waitedFor), (error: unknown) => this.fail(error));
          return;
        }
      } catch (error) {
        this.fail(error);
        return;
      }
      this.held -= cost;
      const next = this.queue.shift();
      if (!next || this.stopped) {
        this.busy = false;
        return;
      }
      ({ item, cost } = next);
    }
  }

  private goOn(cost: number): void {
    if (this.stopped) {
      return;
    }
    this.held -= cost;
    const next = this.queue.shift();
    if (next) {
      this.run(next.item, next.cost);
    } else {
      this.busy = false;
    }
    this.events.onThrough();
  }

  private fail(error: unknown): void {
    if (!this.stopped) {
      this.stop();
      this.events.onFailed(error);
    }
  }
}
