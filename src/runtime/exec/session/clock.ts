/** The time, which a test has in its hands. */
export interface Clock {
  /** In milliseconds; never goes back. */
  now(): number;

  /** Calls back once, after so many milliseconds, and gives what calls it off. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The clock and the timers of the operating system, which go on while the process is stopped. */
export interface Machine {
  now(): number;

  /** @param inBackground whether the process may end before */
  after(milliseconds: number, callback: () => void, inBackground?: boolean): () => void;
}

/** The interval at which a clock with timers checks for a stopped process, and the delay that it tolerates. */
const TICK_MS = 1000;
const TOLERANCE_MS = 2000;

/** After the process was stopped, no limit is reached for so long: what has arrived meanwhile is read first. */
const CATCH_UP_MS = 5000;

/** A timer of Node.js cannot count further. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Counts the time for which the process runs. While it is stopped (Ctrl-Z, SIGSTOP, a computer that sleeps), the clock stands
 * still: nothing could be received then, so that time is no silence of the other side.
 *
 * A stop is detected by timers that fire late. It is the same with an event loop that was blocked.
 */
export class AwakeClock implements Clock {
  private lost = 0;
  private lastSeen = 0;
  private caughtUpAt = 0;
  private pending = 0;
  private isTicking = false;

  public constructor(private readonly machine: Machine) {}

  public now(): number {
    this.noticeStop();
    return this.machine.now() - this.lost;
  }

  public after(milliseconds: number, callback: () => void): () => void {
    this.begin();
    const due = this.now() + milliseconds;
    const left = () => {
      const now = this.now();
      return (milliseconds > CATCH_UP_MS ? Math.max(due, this.caughtUpAt) : due) - now;
    };
    let isOver = false;
    let stopTimer: () => void;
    const stop = () => {
      if (!isOver) {
        isOver = true;
        stopTimer();
        this.pending--;
      }
    };
    const wait = () => {
      stopTimer = this.machine.after(Math.min(Math.max(0, left()), LONGEST_TIMER_MS), () => {
        // Timers of Node.js may be early by a part of a millisecond.
        if (left() >= 1) {
          wait();
        } else {
          stop();
          callback();
        }
      });
    };
    wait();
    return stop;
  }

  private noticeStop(): void {
    const now = this.machine.now();
    const gap = now - this.lastSeen;
    this.lastSeen = now;
    if (this.isTicking && gap > TICK_MS + TOLERANCE_MS) {
      this.lost += gap - TICK_MS;
      this.caughtUpAt = now - this.lost + CATCH_UP_MS;
    }
  }

  private begin(): void {
    this.pending++;
    if (!this.isTicking) {
      this.lastSeen = this.machine.now();
      this.isTicking = true;
      this.tick();
    }
  }

  /** For as long as there are timers. */
  private tick(): void {
    this.machine.after(TICK_MS, () => {
      this.noticeStop();
      this.isTicking = this.pending > 0;
      if (this.isTicking) {
        this.tick();
      }
    }, true);
  }
}

/** The time of the machine, as far as this process runs. */
export const SYSTEM_CLOCK: Clock = new AwakeClock({
  // Not performance.now(): the first call of it would load what a session has no use for, while it opens.
  now: () => process.uptime() * 1000,
  after: (milliseconds, callback, inBackground) => {
    const timer = setTimeout(callback, milliseconds);
    if (inBackground) {
      timer.unref();
    }
    return () => clearTimeout(timer);
  },
});
