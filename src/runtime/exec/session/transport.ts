/** One connection to the session's data channel: a websocket, or what a test puts in its place. */
export interface Transport {
  /** How much of what was sent has not left this process yet, in bytes. */
  readonly bufferedBytes: number;

  /** Sends a frame: text as a string, binary as bytes. What is sent on a closed one is lost, as on a network. */
  send(frame: string | Uint8Array): void;

  /**
   * Reads nothing more until `resume`, so that the other side has to wait.
   *
   * Without it the session does not acknowledge what it has no room for, and the agent sends that again, slowly.
   */
  pause?(): void;

  /** Reads on. */
  resume?(): void;

  /** Lets go of it. `onClosed` is not called any more. */
  close(): void;
}

/** Hears what happens to a connection. */
export interface TransportEvents {
  onFrame(frame: string | Buffer): void;

  /**
   * The connection is gone, by the other side or by accident.
   *
   * @param why a few words, as in `the connection was lost: WHY`
   */
  onClosed(why: string): void;
}

/**
 * Makes a connection.
 *
 * @throws an error where there is none; nothing is heard before the promise is kept
 */
export type Connect = (url: string, events: TransportEvents) => Promise<Transport>;
