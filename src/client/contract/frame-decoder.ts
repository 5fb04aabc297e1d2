import { createHash } from 'node:crypto';
import { FRAME_HEADER_BYTES, FrameType, MAX_PAYLOAD_BYTES, STREAM_MAGIC } from './frames';
import { StreamEnd } from './result';

/** What can be wrong with a streamed answer. */
export enum StreamFault {
  /** It does not begin as one: perhaps it is the answer of a function that knows no streams. */
  NOT_A_STREAM = 'NOT_A_STREAM',
  /** It is of a version that this decoder does not know. */
  UNKNOWN_VERSION = 'UNKNOWN_VERSION',
  /** There is something in it that is no frame. */
  MALFORMED = 'MALFORMED',
  /** It is over before its end frame. */
  CUT = 'CUT',
  /** What has arrived is not what was sent. */
  MISMATCH = 'MISMATCH',
}

/** A streamed answer that is not to be trusted. */
export class StreamFaultError extends Error {
  public readonly name = 'StreamFaultError';

  public constructor(public readonly fault: StreamFault, message: string) {
    super(message);
  }
}

/** A piece of the command's output, a sign of life, or the end. */
export type StreamPart =
  | { readonly type: FrameType.STDOUT | FrameType.STDERR; readonly data: Buffer }
  | { readonly type: FrameType.HEARTBEAT }
  | { readonly type: FrameType.END; readonly end: StreamEnd };

const STREAM_NAMES = { [FrameType.STDOUT]: 'stdout', [FrameType.STDERR]: 'stderr' } as const;

/**
 * Takes a streamed answer apart, in whatever pieces it arrives.
 *
 * Keeps no output: what comes in goes out at once, at most a header or the end frame is held back. A result is a success
 * only after `finish` has returned.
 */
export class FrameDecoder {
  private readonly held: Buffer = Buffer.alloc(STREAM_MAGIC.length);
  private heldBytes = 0;
  private magicSeen = false;
  private type: FrameType | undefined;
  private missing = 0;
  private endPieces: Buffer[] = [];
  private end: StreamEnd | undefined;
  private readonly seen = {
    [FrameType.STDOUT]: { bytes: 0, hash: createHash('sha256') },
    [FrameType.STDERR]: { bytes: 0, hash: createHash('sha256') },
  };

  /**
   * Takes the next piece of the response, of any length.
   *
   * The parts refer to the piece's memory: use or copy them before that is used for something else.
   *
   * @throws StreamFaultError
   */
  public push(piece: Uint8Array): StreamPart[] {
    const parts: StreamPart[] = [];
    let rest: Buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    while (rest.length > 0) {
      if (this.end) {
        throw new StreamFaultError(StreamFault.MALFORMED, 'the response goes on after its end frame');
      }
      rest = this.type === undefined ? this.takeHeader(rest, parts) : this.takePayload(rest, parts);
    }
    return parts;
  }

  /**
   * To be called when the response is over.
   *
   * @throws StreamFaultError where the response was cut
   */
  public finish(): StreamEnd {
    if (!this.end) {
      const { [FrameType.STDOUT]: stdout, [FrameType.STDERR]: stderr } = this.seen;
      throw new StreamFaultError(StreamFault.CUT, this.magicSeen
        ? `the response was cut after ${stdout.bytes} bytes of stdout and ${stderr.bytes} bytes of stderr: how the command has ended is unknown`
        : 'the response was cut before it began: how the command has ended is unknown');
    }
    return this.end;
  }

  private takeHeader(rest: Buffer, parts: StreamPart[]): Buffer {
    const wanted = this.magicSeen ? FRAME_HEADER_BYTES : STREAM_MAGIC.length;
    const taken = rest.copy(this.held, this.heldBytes, 0, wanted - this.heldBytes);
    this.heldBytes += taken;
    if (!this.magicSeen) {
      this.checkMagic();
    } else if (this.heldBytes === wanted) {
      this.beginFrame(this.held[0], this.held.readUInt32BE(1), parts);
    }
    return rest.subarray(taken);
  }

  private checkMagic(): void {
    const known = Math.min(this.heldBytes, STREAM_MAGIC.length - 1);
    if (!this.held.subarray(0, known).equals(STREAM_MAGIC.subarray(0, known))) {
      throw new StreamFaultError(StreamFault.NOT_A_STREAM, 'the response is not a stream of frames');
    }
    if (this.heldBytes === STREAM_MAGIC.length) {
      const version = this.held[known];
      if (version !== STREAM_MAGIC[known]) {
        throw new StreamFaultError(StreamFault.UNKNOWN_VERSION,
          `the response is a stream of version ${version}, and only version ${STREAM_MAGIC[known]} is known here`);
      }
      this.magicSeen = true;
      this.heldBytes = 0;
    }
  }

  private beginFrame(type: number, length: number, parts: StreamPart[]): void {
    if (!(type in FrameType) || length > MAX_PAYLOAD_BYTES || (type === FrameType.HEARTBEAT && length > 0)) {
      throw new StreamFaultError(StreamFault.MALFORMED, `the response has a frame of type ${type} and ${length} bytes, which there cannot be`);
    }
    this.heldBytes = 0;
    this.missing = length;
    this.type = type;
    if (type === FrameType.HEARTBEAT) {
      parts.push({ type });
    }
    if (length === 0) {
      this.endFrame(parts);
    }
  }

  private takePayload(rest: Buffer, parts: StreamPart[]): Buffer {
    const data = rest.subarray(0, this.missing);
    this.missing -= data.length;
    if (this.type === FrameType.STDOUT || this.type === FrameType.STDERR) {
      const seen = this.seen[this.type];
      seen.bytes += data.length;
      seen.hash.update(data);
      parts.push({ type: this.type, data });
    } else {
      this.endPieces.push(Buffer.from(data));
    }
    if (this.missing === 0) {
      this.endFrame(parts);
    }
    return rest.subarray(data.length);
  }

  private endFrame(parts: StreamPart[]): void {
    if (this.type === FrameType.END) {
      const end = parseEnd(Buffer.concat(this.endPieces).toString());
      this.compare(end);
      this.end = end;
      parts.push({ type: FrameType.END, end });
    }
    this.type = undefined;
  }

  private compare(end: StreamEnd): void {
    for (const type of [FrameType.STDOUT, FrameType.STDERR] as const) {
      const [name, { bytes, hash }] = [STREAM_NAMES[type], this.seen[type]];
      if (end[`${name}Bytes`] !== bytes || end[`${name}Sha256`] !== hash.digest('hex')) {
        throw new StreamFaultError(StreamFault.MISMATCH,
          `${name} did not arrive as it was sent: ${bytes} bytes of ${end[`${name}Bytes`]}${bytes === end[`${name}Bytes`] ? ', with another SHA-256' : ''}`);
      }
    }
  }
}

function parseEnd(json: string): StreamEnd {
  let end: unknown;
  try {
    end = JSON.parse(json);
  } catch {
    // Told below, as everything else that is no end.
  }
  if (!isEnd(end)) {
    throw new StreamFaultError(StreamFault.MALFORMED, 'the end frame of the response is not to be understood');
  }
  return end;
}

/** An end that does not say how the command has ended would be taken for a success. */
function isEnd(end: unknown): end is StreamEnd {
  if (typeof end !== 'object' || end === null) {
    return false;
  }
  const { exitCode, signal } = end as Partial<StreamEnd>;
  return signal === null ? Number.isInteger(exitCode) : typeof signal === 'string' && signal !== '';
}
