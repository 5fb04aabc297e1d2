import { hash } from 'node:crypto';
import { MessageType, PayloadType } from './message-types';
import { readUuid, writeUuid } from './uuid';
import { VastRuntimeError } from '../../errors';

/** A message of a session, in either direction. */
export interface SessionMessage {
  /** One of `MessageType`; another is not an error, as the service may learn new ones. */
  readonly messageType: string;

  /** @default 1 */
  readonly schemaVersion?: number;

  /** When it was made, in milliseconds since 1970. */
  readonly createdDate: number;

  /** Its place in its stream, counted from 0. */
  readonly sequenceNumber: number;

  /**
   * Bits of `HeaderFlag`.
   *
   * @default 0
   */
  readonly flags?: number;

  /** A UUID in lower case. */
  readonly messageId: string;

  /**
   * One of `PayloadType`, or one that is not known yet.
   *
   * @default PayloadType.NONE
   */
  readonly payloadType?: number;

  readonly payload: Uint8Array;
}

/** As `decodeMessage` gives it: nothing is left out, and the payload is a view of the frame's memory. */
export type DecodedMessage = Required<SessionMessage> & { readonly payload: Buffer };

/** A frame that is no message. */
export class MalformedMessageError extends VastRuntimeError {
  public override readonly name = 'MalformedMessageError';

  public constructor(what: string) {
    super(`the other side of the session has sent a frame that is no message: ${what}`);
  }
}

// Where each field of the header begins; all numbers have their most significant byte first.
const HEADER_LENGTH = 0;
const MESSAGE_TYPE = 4;
const SCHEMA_VERSION = 36;
const CREATED_DATE = 40;
const SEQUENCE_NUMBER = 48;
const FLAGS = 56;
const MESSAGE_ID = 64;
const DIGEST = 80;
const PAYLOAD_TYPE = 112;
/** What the header's length counts ends here; the length of the payload stands after it. */
const PAYLOAD_LENGTH = 116;
const PAYLOAD = 120;

const MESSAGE_TYPE_BYTES = SCHEMA_VERSION - MESSAGE_TYPE;
const DIGEST_BYTES = PAYLOAD_TYPE - DIGEST;
const SPACE = 0x20;

/** Controls of the service, whose digest and header its own client does not look at. */
const UNCHECKED: ReadonlySet<string> = new Set([MessageType.START_PUBLICATION, MessageType.PAUSE_PUBLICATION]);

/** The frame of a message. */
export function encodeMessage(message: SessionMessage): Buffer {
  const { payload } = message;
  const frame = Buffer.allocUnsafe(PAYLOAD + payload.length);
  frame.writeUInt32BE(PAYLOAD_LENGTH, HEADER_LENGTH);
  frame.fill(SPACE, MESSAGE_TYPE, SCHEMA_VERSION);
  frame.write(message.messageType, MESSAGE_TYPE, MESSAGE_TYPE_BYTES, 'latin1');
  frame.writeUInt32BE(message.schemaVersion ?? 1, SCHEMA_VERSION);
  writeInt64(frame, message.createdDate, CREATED_DATE);
  writeInt64(frame, message.sequenceNumber, SEQUENCE_NUMBER);
  writeInt64(frame, message.flags ?? 0, FLAGS);
  writeUuid(frame, message.messageId, MESSAGE_ID);
  digestOf(payload).copy(frame, DIGEST);
  frame.writeUInt32BE(message.payloadType ?? PayloadType.NONE, PAYLOAD_TYPE);
  frame.writeUInt32BE(payload.length, PAYLOAD_LENGTH);
  frame.set(payload, PAYLOAD);
  return frame;
}

/**
 * The message of a frame. Its payload is a view, not a copy.
 *
 * @throws MalformedMessageError
 */
export function decodeMessage(bytes: Uint8Array): DecodedMessage {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (frame.length < PAYLOAD) {
    throw new MalformedMessageError(`it has ${frame.length} bytes, fewer than the ${PAYLOAD} of a header`);
  }
  const headerLength = frame.readUInt32BE(HEADER_LENGTH);
  // A header that has grown would have its new fields before the payload's length.
  if (headerLength < PAYLOAD_LENGTH || headerLength > frame.length - 4) {
    throw new MalformedMessageError(`it says that its header has ${headerLength} bytes, of ${frame.length} altogether`);
  }
  const payload = frame.subarray(headerLength + 4);
  const payloadLength = frame.readUInt32BE(headerLength);
  if (payloadLength !== payload.length) {
    throw new MalformedMessageError(`it announces ${payloadLength} bytes of payload, and has ${payload.length}`);
  }
  const messageType = readMessageType(frame);
  if (!UNCHECKED.has(messageType) && payload.length > 0 && !digestMatches(payload, frame)) {
    throw new MalformedMessageError('the SHA-256 of its payload is not the one that it names');
  }
  return {
    messageType,
    schemaVersion: frame.readUInt32BE(SCHEMA_VERSION),
    createdDate: readInt64(frame, CREATED_DATE),
    sequenceNumber: readInt64(frame, SEQUENCE_NUMBER),
    flags: readInt64(frame, FLAGS),
    messageId: readUuid(frame, MESSAGE_ID),
    payloadType: frame.readUInt32BE(PAYLOAD_TYPE),
    payload,
  };
}

function readMessageType(frame: Buffer): string {
  let from = MESSAGE_TYPE;
  let to = SCHEMA_VERSION;
  while (to > from && isPadding(frame[to - 1])) to--;
  while (from < to && isPadding(frame[from])) from++;
  if (from === to) {
    throw new MalformedMessageError('it has no message type');
  }
  return frame.toString('latin1', from, to);
}

function isPadding(byte: number): boolean {
  return byte === SPACE || byte === 0;
}

function digestOf(payload: Uint8Array): Buffer {
  return hash('sha256', payload, 'buffer');
}

function digestMatches(payload: Buffer, frame: Buffer): boolean {
  return digestOf(payload).compare(frame, DIGEST, DIGEST + DIGEST_BYTES) === 0;
}

const TWO_TO_32 = 2 ** 32;

// BigInt takes ten times as long, and no number here is beyond what is exact without it.
function writeInt64(frame: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / TWO_TO_32);
  frame.writeInt32BE(high, offset);
  frame.writeUInt32BE(value - high * TWO_TO_32, offset + 4);
}

/** @throws MalformedMessageError where the number is too large to be exact */
function readInt64(frame: Buffer, offset: number): number {
  const value = frame.readInt32BE(offset) * TWO_TO_32 + frame.readUInt32BE(offset + 4);
  if (!Number.isSafeInteger(value)) {
    throw new MalformedMessageError(`a number of its header is out of range: ${frame.readBigInt64BE(offset)}`);
  }
  return value;
}
