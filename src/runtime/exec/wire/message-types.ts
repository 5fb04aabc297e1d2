/** What a message is, as its header says it. */
export enum MessageType {
  /** From the client to the agent; numbered, and acknowledged by the agent. */
  INPUT_STREAM_DATA = 'input_stream_data',
  /** From the agent to the client; numbered, and acknowledged by the client. */
  OUTPUT_STREAM_DATA = 'output_stream_data',
  ACKNOWLEDGE = 'acknowledge',
  /** The session is over. */
  CHANNEL_CLOSED = 'channel_closed',
  /** The agent's side listens (again). */
  START_PUBLICATION = 'start_publication',
  /** The agent's side does not listen for now. */
  PAUSE_PUBLICATION = 'pause_publication',
}

/** What the payload of a numbered message is. */
export enum PayloadType {
  /** None: what messages have that are not part of a stream. */
  NONE = 0,
  /** Bytes of the terminal, in both directions. */
  OUTPUT = 1,
  ERROR = 2,
  /** A `TerminalSize` as JSON. */
  SIZE = 3,
  PARAMETER = 4,
  /** A `HandshakeRequest` as JSON. */
  HANDSHAKE_REQUEST = 5,
  /** A `HandshakeResponse` as JSON. */
  HANDSHAKE_RESPONSE = 6,
  /** A `HandshakeComplete` as JSON. */
  HANDSHAKE_COMPLETE = 7,
  /** An `EncryptionChallenge` as JSON. */
  ENCRYPTION_CHALLENGE_REQUEST = 8,
  /** An `EncryptionChallenge` as JSON. */
  ENCRYPTION_CHALLENGE_RESPONSE = 9,
  /** A number of four bytes, a `SessionFlag`. */
  FLAG = 10,
  STDERR = 11,
  EXIT_CODE = 12,
}

/** Bits in the flags of a header. */
export enum HeaderFlag {
  /** The first of its stream. */
  SYN = 1,
  /** The last of its stream. */
  FIN = 2,
}

/** What a message of the type FLAG says. */
export enum SessionFlag {
  DISCONNECT_TO_PORT = 1,
  TERMINATE_SESSION = 2,
  CONNECT_TO_PORT_ERROR = 3,
}
