/** What goes wrong on a connection: probabilities for each frame in each direction, from 0 to 1. */
export interface Faults {
  /** The same seed and the same frames meet the same faults. */
  readonly seed: number;

  /** The frame is lost. */
  readonly drop?: number;

  /** It arrives twice. */
  readonly duplicate?: number;

  /** Up to four later ones overtake it. */
  readonly reorder?: number;

  /** It, and all that follow it in its direction, are late by up to `delayMilliseconds`. */
  readonly delay?: number;

  /** @default 100 */
  readonly delayMilliseconds?: number;

  /** One bit of its payload is turned. */
  readonly corrupt?: number;

  /** The connection is lost, and the frame with it. */
  readonly cut?: number;

  /** The client is told to pause its publication, for up to `pauseMilliseconds`; what it sends meanwhile is lost. */
  readonly pause?: number;

  /** @default 300 */
  readonly pauseMilliseconds?: number;

  /** The frame is sent as several fragments of a websocket message: something that is seen by a real websocket only. */
  readonly split?: number;

  /**
   * After so many faults there are no more.
   *
   * @default - there is no end
   */
  readonly limit?: number;
}
