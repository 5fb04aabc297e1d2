import { LogEvent } from './log-events';

/** Events arrive late, with the time at which they were written: from so long before the newest one they are looked for. */
const LATE_MS = 60_000;

/** Which events were handed out, as far as they could come again. */
export class SeenEvents {
  private readonly times = new Map<string, number>();
  private newest?: number;
  private readonly began = Date.now();

  /** @param since nothing before is of interest */
  public constructor(private readonly since?: Date) {}

  /** Whether this event is new; it is not from now on. */
  public take({ id, time }: LogEvent): boolean {
    if (this.times.has(id)) {
      return false;
    }
    this.times.set(id, time.getTime());
    this.newest = Math.max(this.newest ?? 0, time.getTime());
    return true;
  }

  /** From when on events may be new, in milliseconds since 1970. */
  public horizon(): number {
    // A writer whose clock is ahead must not hide the others.
    const newest = Math.min(this.newest ?? this.began, Date.now());
    return Math.max(this.since?.getTime() ?? 0, newest - LATE_MS);
  }

  /** Lets go of those that are before the horizon. */
  public forgetOld(): void {
    const horizon = this.horizon();
    for (const [id, time] of this.times) {
      if (time < horizon) {
        this.times.delete(id);
      }
    }
  }
}
