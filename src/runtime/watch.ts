import { SYSTEM_CLOCK } from './exec/session/clock';
import { unlessAborted } from './waiting';

/**
 * Watches over one thing that consists of several waits: each has its own limit, and one that is missed, or the caller's
 * signal, ends all.
 */
export class Watch {
  private readonly controller = new AbortController();
  private readonly forward: () => void;

  /** @param outer the caller's signal */
  public constructor(private readonly outer?: AbortSignal) {
    this.forward = () => this.controller.abort(outer?.reason);
    if (outer?.aborted) {
      this.forward();
    }
    outer?.addEventListener('abort', this.forward);
  }

  /** For what can be called off: comes with the caller's signal, and when a limit is missed. */
  public get signal(): AbortSignal {
    return this.controller.signal;
  }

  /**
   * What the work brings, unless it takes too long or the caller's signal comes.
   *
   * @param limitMs no limit where undefined
   * @param late what to throw when it takes longer
   * @throws the signal's reason
   */
  public async for<T>(work: () => Promise<T>, limitMs?: number, late?: () => Error): Promise<T> {
    const stop = limitMs === undefined ? undefined : SYSTEM_CLOCK.after(limitMs, () => this.controller.abort(late?.()));
    try {
      return await unlessAborted(this.signal, work);
    } catch (error) {
      // What was called off may fail with an error of its own first.
      this.signal.throwIfAborted();
      throw error;
    } finally {
      stop?.();
    }
  }

  /** Lets go of the caller's signal. To be called in any case; what is still under way is called off where it failed. */
  public close(failed: boolean): void {
    this.outer?.removeEventListener('abort', this.forward);
    if (failed) {
      this.controller.abort();
    }
  }
}
