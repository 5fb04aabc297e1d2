import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { BadFrameError, FrameReader, TerminalPart } from '../../../../src/runtime/exec/captured/frame-reader';
import { CHUNK_BYTES } from '../../../../src/runtime/exec/captured/remote';

const NONCE = '0123456789abcdef0123456789abcdef';

/** As the other side writes it. */
function frame(number: number, words: string, payload = ''): string {
  return `\n${NONCE} ${number} ${words}:${payload}.\n`;
}

function dataFrame(number: number, stream: string, data: Buffer, how: string, wrap = false): string {
  const base64 = (how === 'p' ? data : gzipSync(data)).toString('base64');
  return frame(number, `${stream} ${data.length} ${how}`, wrap ? base64.replace(/(.{76})/g, '$1\r\n') : base64);
}

function read(shown: string | Buffer, ...cuts: number[]): TerminalPart[] {
  const reader = new FrameReader(NONCE);
  const bytes = Buffer.from(shown as string);
  return [0, ...cuts].flatMap((from, i) => reader.push(bytes.subarray(from, cuts[i])));
}

const output = (parts: TerminalPart[], stream: string) => Buffer.concat(parts.flatMap(part => ('words' in part && part.words[0] === stream && part.data) || []));

const ANY_DATA = fc.uint8Array({ maxLength: 2000 }).map(bytes => Buffer.from(bytes));
const ANY_FRAMES = fc.array(fc.record({ stream: fc.constantFrom('o', 'e'), data: ANY_DATA, how: fc.constantFrom('p', 't', 'z'), wrap: fc.boolean() }), { maxLength: 8 });

test('both streams come out as they went in, in whatever pieces they come', () => {
  fc.assert(fc.property(ANY_FRAMES, fc.array(fc.nat(20_000), { maxLength: 20 }), (frames, cuts) => {
    const shown = frames.map(({ stream, data, how, wrap }, i) => dataFrame(i, stream, data, how, wrap)).join('');
    const parts = read(shown, ...cuts.filter(cut => cut < shown.length).sort((a, b) => a - b));
    for (const stream of ['o', 'e']) {
      expect(output(parts, stream)).toEqual(Buffer.concat(frames.filter(one => one.stream === stream).map(({ data }) => data)));
    }
    expect(parts).toHaveLength(frames.length);
  }));
});

test('byte by byte, with what others write between the frames', () => {
  const shown = `$ motd\r\n${frame(0, 'give')}wall: going down${dataFrame(1, 'o', Buffer.from('ä\r\n'), 'p')}\r\n\r\nx\n${frame(2, 'end 0 ended')}`;
  const parts = read(shown, ...Array.from({ length: Buffer.byteLength(shown) - 1 }, (_, i) => i + 1));
  expect(parts).toEqual([
    { text: '$ motd' }, { words: ['give'] }, { text: 'wall: going down' }, { words: ['o', '4', 'p'], data: Buffer.from('ä\r\n') },
    { text: 'x' }, { words: ['end', '0', 'ended'] },
  ]);
});

test.each<[string, string, string]>([
  ['a frame that is missing', frame(0, 'w') + frame(2, 'w'), 'frame 1 is missing: the next one is "2"'],
  ['a frame twice', frame(0, 'w') + frame(0, 'w'), 'frame 1 is missing: the next one is "0"'],
  ['another length', frame(0, 'o 3 p', 'YWI='), 'has 2 bytes and should have 3'],
  ['a length that is none', frame(0, 'o -1 p', 'YWI='), 'is called "-1 p"'],
  ['a length beyond all', frame(0, `o ${CHUNK_BYTES + 1} p`, 'YWI='), 'is called'],
  ['another way to encode', frame(0, 'o 2 q', 'YWI='), 'is called "2 q"'],
  ['words that are missing', frame(0, 'o'), 'is called "undefined undefined"'],
  ['what is not base64', frame(0, 'o 2 p', 'Y$I='), 'is not base64'],
  ['base64 that is cut', frame(0, 'o 2 p', 'YWI'), 'is not base64'],
  ['what is not compressed', frame(0, 'o 2 z', 'YWI='), 'cannot be decompressed'],
  ['compressed data that is cut', frame(0, 'o 2 z', gzipSync('ab').subarray(0, 18).toString('base64')), 'cannot be decompressed'],
  ['compressed data that swells', frame(0, 'o 2 z', gzipSync(Buffer.alloc(CHUNK_BYTES + 1)).toString('base64')), 'cannot be decompressed'],
  ['data where there is none', frame(0, 'w', 'YWI='), 'a frame "w" has data'],
  ['somebody else in the middle', `\n${NONCE} 0 o 2 p:YW wall I=.\n`, 'is not base64'],
  ['words without an end', `\n${NONCE} 0 o 2\n`, 'has no end of its words'],
  ['data without an end', `\n${NONCE} 0 o 2 p:${'A'.repeat(CHUNK_BYTES * 2)}`, 'is longer than'],
])('%s', (_, shown, words) => {
  expect(() => read(shown)).toThrow(BadFrameError);
  expect(() => read(shown)).toThrow(words);
});

test('a mutation is found, or changes nothing but the line breaks and the words of others', () => {
  const data = Buffer.from('a line of the output\n'.repeat(30));
  const shown = Buffer.from(frame(0, 'give') + dataFrame(1, 'o', data, 'z') + dataFrame(2, 'o', Buffer.from('tail'), 'p') + dataFrame(3, 'e', data, 't', true) + frame(4, 'end 0'));
  let found = 0;
  fc.assert(fc.property(fc.nat(shown.length - 1), fc.nat(255), fc.constantFrom('change', 'drop', 'insert', 'cut'), (at, byte, how) => {
    const mutated = Buffer.concat([shown.subarray(0, at), how === 'change' || how === 'insert' ? Buffer.of(byte) : Buffer.alloc(0),
      how === 'cut' ? Buffer.alloc(0) : shown.subarray(how === 'insert' ? at : at + 1)]);
    let parts: TerminalPart[];
    try {
      parts = read(mutated);
    } catch (error) {
      expect(error).toBeInstanceOf(BadFrameError);
      found++;
      return;
    }
    // What is left are a frame that is missing at the end (its end is missing then), and plain data of the same length:
    // the sums of the streams tell.
    const [o, e] = [output(parts, 'o'), output(parts, 'e')];
    const ended = parts.some(part => 'words' in part && part.words[0] === 'end' && part.words[1] === '0');
    expect(!ended || (o.length === data.length + 4 && e.length === data.length)).toBe(true);
  }), { numRuns: 3000 });
  expect(found).toBeGreaterThan(1000);
});

test('noise makes no error but the one that says so, and keeps little', () => {
  fc.assert(fc.property(fc.array(fc.oneof(fc.string(), fc.constant(`\n${NONCE} 0 o 5 p:`), fc.constant('.\n'), fc.constant('YWI='), fc.uint8Array())), (pieces) => {
    const reader = new FrameReader(NONCE);
    try {
      pieces.forEach(piece => reader.push(Buffer.from(piece as string)));
    } catch (error) {
      expect(error).toBeInstanceOf(BadFrameError);
    }
  }), { numRuns: 2000 });
  const reader = new FrameReader(NONCE);
  for (let i = 0; i < 1000; i++) {
    expect(reader.push(Buffer.alloc(10_000, 'x'))).toEqual([]);
  }
  const [part] = reader.push(Buffer.from('\n'));
  expect('text' in part && part.text.length).toBe(8192);
});
