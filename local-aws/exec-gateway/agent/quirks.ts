/** How the real agent deals with output. Each habit can be switched off, for a test of what is left then. */
export interface Quirks {
  /**
   * How long it sleeps after each read, in milliseconds; together with `chunkBytes` this is its ceiling of about 1 MB/s.
   *
   * @default 1, 0 does not sleep
   */
  readonly pacingMilliseconds: number;

  /**
   * The most that it reads at once, and so the most in one message.
   *
   * @default 1024
   */
  readonly chunkBytes: number;

  /**
   * Whether it takes output for UTF-8: what may be the beginning of a character is held back and dropped at the end,
   * and U+FFFD loses two of its three bytes.
   *
   * @default true
   */
  readonly utf8: boolean;

  /**
   * How long it waits at the end for acknowledgements, in milliseconds, before it closes the session all the same.
   *
   * @default 2000
   */
  readonly drainMilliseconds: number;
}

export const REAL_AGENT: Quirks = { pacingMilliseconds: 1, chunkBytes: 1024, utf8: true, drainMilliseconds: 2000 };

/** An agent as one would wish it: it passes on every byte, as fast as it can. */
export const NO_QUIRKS: Quirks = { pacingMilliseconds: 0, chunkBytes: 1024, utf8: false, drainMilliseconds: Infinity };
