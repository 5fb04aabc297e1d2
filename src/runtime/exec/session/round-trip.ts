const FIRST_ROUND_TRIP_MS = 100;
const SHARE_OF_NEW_ROUND_TRIP = 1 / 8;
const SHARE_OF_NEW_VARIATION = 1 / 4;
const CLOCK_GRANULARITY_MS = 10;
const SHORTEST_TIMEOUT_MS = 200;
const LONGEST_TIMEOUT_MS = 1000;

/** How long to wait for an acknowledgement, learned from those that came: the smoothed time of RFC 6298. */
export class RoundTrip {
  private smoothed = FIRST_ROUND_TRIP_MS;
  private variation = 0;

  /**
   * Learns from a message that was sent once. One that was sent again says nothing, as its acknowledgement may be that
   * of the first time (Karn).
   */
  public learn(milliseconds: number): void {
    this.variation += SHARE_OF_NEW_VARIATION * (Math.abs(this.smoothed - milliseconds) - this.variation);
    this.smoothed += SHARE_OF_NEW_ROUND_TRIP * (milliseconds - this.smoothed);
  }

  /** In milliseconds, for a message that was sent again so many times: twice as long each time. */
  public timeout(timesSentAgain = 0): number {
    const first = Math.max(SHORTEST_TIMEOUT_MS, this.smoothed + Math.max(CLOCK_GRANULARITY_MS, 4 * this.variation));
    // Beyond a few times the limit is reached in any case, and the power would overflow.
    return Math.min(LONGEST_TIMEOUT_MS, first * 2 ** Math.min(timesSentAgain, 4));
  }
}
