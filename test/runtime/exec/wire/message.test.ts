import { createHash } from 'node:crypto';
import { array, assert, constantFrom, integer, maxSafeInteger, property, record, string, uint8Array, uuid } from 'fast-check';
import { fuzz } from './frames';
import { VastRuntimeError } from '../../../../src/runtime/errors';
import { decodeMessage, encodeMessage, MalformedMessageError, MessageType } from '../../../../src/runtime/exec/wire';

const MESSAGE = record({
  messageType: constantFrom(...Object.values(MessageType)),
  schemaVersion: integer({ min: 0, max: 2 ** 32 - 1 }),
  createdDate: maxSafeInteger(),
  sequenceNumber: maxSafeInteger(),
  flags: constantFrom(0, 1, 2, 3, 2 ** 40),
  messageId: uuid(),
  payloadType: integer({ min: 0, max: 2 ** 32 - 1 }),
  payload: uint8Array({ maxLength: 2000 }),
});

const PLAIN = {
  messageType: MessageType.OUTPUT_STREAM_DATA, createdDate: 1, sequenceNumber: 0, messageId: '00112233-4455-6677-8899-aabbccddeeff',
};

test('what is encoded is decoded as it was', () => {
  assert(property(MESSAGE, message => {
    expect(decodeMessage(encodeMessage(message))).toEqual({ ...message, payload: Buffer.from(message.payload) });
  }));
});

test('what may be left out has its default', () => {
  const decoded = decodeMessage(encodeMessage({ ...PLAIN, payload: Buffer.alloc(0) }));
  expect(decoded).toMatchObject({ schemaVersion: 1, flags: 0, payloadType: 0 });
});

test('a message is decoded wherever it lies in the memory, and its payload is not copied', () => {
  assert(property(MESSAGE, integer({ min: 0, max: 64 }), (message, offset) => {
    const frame = encodeMessage(message);
    const around = new Uint8Array(offset + frame.length + 7);
    around.set(frame, offset);
    const { payload } = decodeMessage(around.subarray(offset, offset + frame.length));
    expect(payload.equals(message.payload)).toBe(true);
    expect(payload.buffer).toBe(around.buffer);
  }));
});

test('one changed byte of a payload, or of its digest, is noticed', () => {
  assert(property(uint8Array({ minLength: 1, maxLength: 300 }), integer({ min: 0 }), integer({ min: 1, max: 255 }), (payload, where, by) => {
    const frame = encodeMessage({ ...PLAIN, payload });
    const checked = [...Array(32).keys()].map(at => 80 + at).concat([...payload.keys()].map(at => 120 + at));
    const at = checked[where % checked.length];
    frame[at] = (frame[at] + by) % 256;
    expect(() => decodeMessage(frame)).toThrow(new MalformedMessageError('the SHA-256 of its payload is not the one that it names'));
  }));
});

test.each([MessageType.PAUSE_PUBLICATION, MessageType.START_PUBLICATION])('the digest of %s is not looked at, as the official client does not', type => {
  const frame = encodeMessage({ ...PLAIN, messageType: type, payload: Buffer.from('x') });
  frame.fill(0, 80, 112);
  expect(decodeMessage(frame).messageType).toBe(type);
});

test('a frame cut off anywhere is none', () => {
  const frame = encodeMessage({ ...PLAIN, payload: Buffer.from('hello') });
  for (let length = 0; length < frame.length; length++) {
    expect(() => decodeMessage(frame.subarray(0, length))).toThrow(MalformedMessageError);
  }
  expect(() => decodeMessage(Buffer.concat([frame, Buffer.alloc(1)]))).toThrow(MalformedMessageError);
});

test.each<[string, number, Buffer, string]>([
  ['a header that is too short', 0, Buffer.from([0, 0, 0, 115]), 'its header has 115 bytes'],
  ['a header that is longer than the frame', 0, Buffer.from([0xff, 0xff, 0xff, 0xff]), 'its header has 4294967295 bytes'],
  ['no type', 4, Buffer.alloc(32, ' '), 'no message type'],
  ['a type of NULs', 4, Buffer.alloc(32), 'no message type'],
  ['a number that is not exact', 48, Buffer.from([0x7f, 0, 0, 0, 0, 0, 0, 0]), 'out of range: 9151314442816847872'],
  ['a payload that is not all there', 116, Buffer.from([0, 0, 0, 9]), 'announces 9 bytes of payload, and has 5'],
])('%s is said', (_, at, change, what) => {
  const frame = encodeMessage({ ...PLAIN, payload: Buffer.from('hello') });
  change.copy(frame, at);
  expect(() => decodeMessage(frame)).toThrow(what);
  expect(() => decodeMessage(frame)).toThrow(VastRuntimeError);
});

test('types that are not known, and too long ones, are no failure', () => {
  expect(decodeMessage(encodeMessage({ ...PLAIN, messageType: 'something_new', payload: Buffer.alloc(0) })).messageType).toBe('something_new');
  assert(property(string({ minLength: 33, maxLength: 80, unit: 'grapheme-ascii' }), messageType => {
    const frame = encodeMessage({ ...PLAIN, messageType: `x${messageType}x`, payload: Buffer.from('payload') });
    expect(frame.length).toBe(127);
    expect(frame.readUInt32BE(36)).toBe(1);
  }));
});

test('the digest is that of the payload', () => {
  assert(property(array(uint8Array(), { maxLength: 3 }), parts => {
    const payload = Buffer.concat(parts);
    expect(encodeMessage({ ...PLAIN, payload }).subarray(80, 112)).toEqual(createHash('sha256').update(payload).digest());
  }));
});

test('20,000 frames of chance are messages or malformed, and nothing else', () => {
  const { decoded, malformed, wrong } = fuzz(20_000, 1);
  expect(wrong).toEqual([]);
  expect(Math.min(decoded, malformed)).toBeGreaterThan(3000);
});
