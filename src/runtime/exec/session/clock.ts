/** The time, which a test has in its hands. */
export interface Clock {
  /** In milliseconds; never goes back. */
  now(): number;

  /** Calls back once, after so many milliseconds, and gives what calls it off. */
  after(milliseconds: number, callback: () => void): () => void;
}

/** The time of the machine. */
export const SYSTEM_CLOCK: Clock = {
  // Not performance.now(): the first call of it would load what a session has no use for, while it opens.
  now: () => process.uptime() * 1000,
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};
