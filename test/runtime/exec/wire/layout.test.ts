import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeMessage, encodeMessage, SessionMessage } from '../../../../src/runtime/exec/wire';

/** A frame that was made from the layout alone, without our codec, and what it says. Bytes are in hexadecimal digits. */
interface Vector {
  readonly note: string;
  readonly frame: string;
  readonly message: Omit<SessionMessage, 'payload'> & { readonly payload: string };
  /** The same message would be written in another way here. */
  readonly decodeOnly?: boolean;
}

const VECTORS = readFileSync(join(__dirname, 'layout.jsonl'), 'utf8').trimEnd().split('\n').map(line => JSON.parse(line) as Vector);

test.each(VECTORS)('$note', ({ frame, message, decodeOnly }) => {
  const decoded = decodeMessage(Buffer.from(frame, 'hex'));
  expect({ ...decoded, payload: decoded.payload.toString('hex') }).toEqual(message);
  if (!decodeOnly) {
    expect(encodeMessage({ ...message, payload: Buffer.from(message.payload, 'hex') }).toString('hex')).toBe(frame);
  }
});
