/**
 * A streamed answer: eight bytes that say what it is, then frames.
 *
 * A frame is its type (one byte), the length of its payload (four bytes, the most significant first) and the payload.
 * Frames of standard output and standard error carry pieces of the two streams in the order in which they arrived; a
 * heartbeat carries nothing; the end carries a `StreamEnd` as JSON and is the last. A response without an end was cut.
 */
export enum FrameType {
  STDOUT = 1,
  STDERR = 2,
  /** Keeps the connection from being dropped as idle while the command prints nothing. */
  HEARTBEAT = 3,
  END = 4,
}

/** The last of these bytes is the version of the format. A byte beyond ASCII, so that text is never mistaken for it. */
export const STREAM_MAGIC: Buffer = Buffer.from('\x8bCDKVST\x01', 'latin1');

export const FRAME_HEADER_BYTES = 5;

/** A longer frame is none: it is noise that was taken for a header. */
export const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** The content type of a streamed answer. */
export const STREAM_CONTENT_TYPE = 'application/vnd.cdk-vast.stream';

/** What stands before a payload. The payload is written after it, so that it need not be copied. */
export function frameHeader(type: FrameType, payloadBytes: number): Buffer {
  const header = Buffer.allocUnsafe(FRAME_HEADER_BYTES);
  header[0] = type;
  header.writeUInt32BE(payloadBytes, 1);
  return header;
}

/** A whole frame. */
export function frame(type: FrameType, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([frameHeader(type, payload.length), payload]);
}
