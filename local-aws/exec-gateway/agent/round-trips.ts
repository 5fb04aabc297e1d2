const FIRST_ROUND_TRIP = 100;
/** Also the first one. Where both ends share a busy machine, a shorter one would send much twice. */
const SHORTEST_TIMEOUT = 200;
const LONGEST_TIMEOUT = 1000;

/** How long to wait for an acknowledgement: from the round trips so far, smoothed as TCP does it. */
export class RoundTrips {
  /** In milliseconds. */
  public timeout = SHORTEST_TIMEOUT;

  private mean = FIRST_ROUND_TRIP;
  private variation = 0;

  public measured(milliseconds: number): void {
    this.variation = this.variation * 3 / 4 + Math.abs(this.mean - milliseconds) / 4;
    this.mean = this.mean * 7 / 8 + milliseconds / 8;
    this.timeout = Math.min(Math.max(this.mean + 4 * this.variation, SHORTEST_TIMEOUT), LONGEST_TIMEOUT);
  }
}
