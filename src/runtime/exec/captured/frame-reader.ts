import { gunzipSync } from 'node:zlib';
import { CHUNK_BYTES } from './remote';

/** What the terminal has shown: a frame of ours, or a line of whoever else writes to it. */
export type TerminalPart =
  | { readonly words: string[]; readonly data?: Buffer }
  | { readonly text: string };

/** What the terminal has shown is not what was written to it. */
export class BadFrameError extends Error {
  public override readonly name = 'BadFrameError';
}

/** More of a line that is no frame is not kept. */
const LINE_BYTES = 8 * 1024;

/** The longest that a frame can be, its base64 in lines with a carriage return each. */
const FRAME_BYTES = Math.ceil(CHUNK_BYTES / 3) * 4 * 1.04 + 1024;

const [LINE_FEED, DOT] = [0x0a, 0x2e];

/**
 * Takes what a terminal shows apart, in whatever pieces it comes.
 *
 * A frame begins on a line of its own with the nonce and the number of the frame, then come words and a colon, then
 * base64 in any number of lines, then a dot. Two kinds have data, `o LENGTH HOW` and `e LENGTH HOW`, where HOW is `p` for
 * what is not compressed, and `z` or, after a trial, `t` for what is. At most one frame is held back.
 */
export class FrameReader {
  private number = 0;
  private pieces: Buffer[] = [];
  private heldBytes = 0;
  /** The words of the frame whose data is being read. */
  private words: string[] | undefined;

  public constructor(private readonly nonce: string) {}

  /** @throws BadFrameError after which nothing more is to be expected */
  public push(piece: Buffer): TerminalPart[] {
    const parts: TerminalPart[] = [];
    for (let rest = piece; rest.length > 0;) {
      rest = this.words ? this.takeData(rest, parts) : this.takeLine(rest, parts);
    }
    return parts;
  }

  private takeLine(rest: Buffer, parts: TerminalPart[]): Buffer {
    const end = rest.indexOf(LINE_FEED);
    const head = this.heldBytes > LINE_BYTES ? '' : this.held(rest.subarray(0, end < 0 ? LINE_BYTES : Math.min(end, LINE_BYTES))).toString('latin1').trimStart();
    // A frame is not always ended by a line feed, but its words are by a colon.
    if (head.startsWith(`${this.nonce} `)) {
      const colon = rest.indexOf(':');
      if (colon >= 0 && (end < 0 || colon < end)) {
        this.words = this.numbered(this.take(rest.subarray(0, colon)).toString('latin1').trim().split(' '));
        return rest.subarray(colon + 1);
      }
      if (end >= 0 || this.heldBytes > LINE_BYTES) {
        throw new BadFrameError('a frame has no end of its words');
      }
    }
    if (end < 0) {
      this.hold(rest);
      return rest.subarray(rest.length);
    }
    const text = this.take(rest.subarray(0, end)).subarray(0, LINE_BYTES).toString().replace(/\r+$/, '');
    if (text !== '') {
      parts.push({ text });
    }
    return rest.subarray(end + 1);
  }

  private takeData(rest: Buffer, parts: TerminalPart[]): Buffer {
    const end = rest.indexOf(DOT);
    if (end < 0) {
      this.hold(rest);
      if (this.heldBytes > FRAME_BYTES) {
        throw new BadFrameError(`a frame is longer than ${FRAME_BYTES} bytes`);
      }
      return rest.subarray(rest.length);
    }
    const words = this.words!;
    const base64 = this.take(rest.subarray(0, end)).toString('latin1');
    this.words = undefined;
    parts.push(words[0] === 'o' || words[0] === 'e' ? { words, data: dataOf(words, base64) } : { words: withoutData(words, base64) });
    return rest.subarray(end + 1);
  }

  private numbered([, number, ...words]: string[]): string[] {
    if (number !== String(this.number)) {
      throw new BadFrameError(`frame ${this.number} is missing: the next one is ${JSON.stringify(number)}`);
    }
    this.number++;
    return words;
  }

  private hold(rest: Buffer): void {
    this.heldBytes += rest.length;
    // Of a line that is too long to be a frame's nothing more is needed.
    if (this.words || this.heldBytes - rest.length <= LINE_BYTES) {
      this.pieces.push(rest);
    }
  }

  private held(rest: Buffer): Buffer {
    return this.pieces.length === 0 ? rest : Buffer.concat([...this.pieces, rest]);
  }

  private take(rest: Buffer): Buffer {
    const all = this.held(rest);
    this.pieces = [];
    this.heldBytes = 0;
    return all;
  }
}

function withoutData(words: string[], base64: string): string[] {
  if (base64.trim() !== '') {
    throw new BadFrameError(`a frame ${JSON.stringify(words[0])} has data`);
  }
  return words;
}

function dataOf([stream, length, how]: string[], text: string): Buffer {
  const base64 = text.includes('\n') ? text.replace(/[\r\n]+/g, '') : text;
  const bytes = Number(length);
  if (!/^\d+$/.test(length) || bytes > CHUNK_BYTES || !['p', 't', 'z'].includes(how)) {
    throw new BadFrameError(`a frame of ${stream} is called ${JSON.stringify(`${length} ${how}`)}`);
  }
  const decoded = Buffer.from(base64, 'base64');
  // Node.js skips whatever is not base64, and less comes out of it.
  const padding = base64.endsWith('==') ? 2 : Number(base64.endsWith('='));
  if (decoded.length !== base64.length / 4 * 3 - padding) {
    throw new BadFrameError(`a frame of ${stream} is not base64`);
  }
  const data = how === 'p' ? decoded : unzipped(decoded, stream);
  if (data.length !== bytes) {
    throw new BadFrameError(`a frame of ${stream} has ${data.length} bytes and should have ${bytes}`);
  }
  return data;
}

function unzipped(data: Buffer, stream: string): Buffer {
  try {
    return gunzipSync(data, { maxOutputLength: CHUNK_BYTES });
  } catch (error) {
    throw new BadFrameError(`a frame of ${stream} cannot be decompressed (${(error as Error).message})`);
  }
}
