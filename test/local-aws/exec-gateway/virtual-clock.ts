import type { Clock } from '../../../src/runtime/exec/session/clock';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Time that passes only when a test lets it. */
export class VirtualClock implements Clock {
  private time = 0;
  private made = 0;
  private readonly timers = new Set<Timer>();

  public now(): number {
    return this.time;
  }

  public after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, order: this.made++, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  public get pending(): number {
    return this.timers.size;
  }

  /** Lets time pass, and with it whatever was to happen. */
  public async advance(milliseconds: number): Promise<void> {
    const until = this.time + milliseconds;
    await settled();
    for (;;) {
      const next = [...this.timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (next === undefined) {
        break;
      }
      this.timers.delete(next);
      this.time = next.at;
      next.callback();
      await settled();
    }
    this.time = until;
  }

  /** Lets time pass until something is so. */
  public async until(condition: () => boolean, within: number): Promise<void> {
    const end = this.time + within;
    await settled();
    while (!condition()) {
      if (this.time >= end) {
        throw new Error(`it was not so within ${within} ms: ${condition}`);
      }
      await this.advance(1);
    }
  }
}

/** Promises that are kept, and those that depend on them. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) {
    await Promise.resolve();
  }
}
