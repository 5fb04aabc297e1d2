import type { Clock } from '../../../../src/runtime/exec/session';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes when a test says so, and then at once. */
export class VirtualClock implements Clock {
  private time = 0;
  private made = 0;
  private readonly timers = new Set<Timer>();

  public now(): number {
    return this.time;
  }

  public after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + Math.max(0, milliseconds), order: this.made++, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** How many timers wait for their time. */
  public get pending(): number {
    return this.timers.size;
  }

  /** Lets so much time pass, and with it whatever was to happen. */
  public async advance(milliseconds: number): Promise<void> {
    await this.cameToBe(() => false, milliseconds);
  }

  /** Lets time pass until something is so. */
  public async until(condition: () => boolean, within: number): Promise<void> {
    if (!await this.cameToBe(condition, within)) {
      throw new Error(`it was not so within ${within} ms: ${condition}`);
    }
  }

  /** Lets time pass until something is so, or for so long. */
  public async cameToBe(condition: () => boolean, within: number): Promise<boolean> {
    const end = this.time + within;
    for (;;) {
      await settled();
      if (condition()) {
        return true;
      }
      const next = this.next();
      if (!next || next.at > end) {
        this.time = end;
        return false;
      }
      this.timers.delete(next);
      this.time = next.at;
      next.callback();
    }
  }

  private next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.timers) {
      if (!next || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  }
}

/** Lets all promises be kept that can be. */
export async function settled(): Promise<void> {
  await new Promise<void>(resolve => setImmediate(resolve));
}
