import type { Clock } from '../../../src/runtime/exec/session/clock';

/** Timers by their names, of each of which there is one at a time. */
export class Timers<Name extends string> {
  private readonly cancels = new Map<Name, () => void>();

  public constructor(private readonly clock: Clock) {}

  public has(name: Name): boolean {
    return this.cancels.has(name);
  }

  public after(name: Name, milliseconds: number, callback: () => void): void {
    this.cancel(name);
    this.cancels.set(name, this.clock.after(milliseconds, () => {
      this.cancels.delete(name);
      callback();
    }));
  }

  public cancel(name: Name): void {
    this.cancels.get(name)?.();
    this.cancels.delete(name);
  }

  public cancelAll(): void {
    [...this.cancels.keys()].forEach(name => this.cancel(name));
  }
}
