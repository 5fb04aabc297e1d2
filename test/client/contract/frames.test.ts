import { createHash } from 'node:crypto';
import * as fc from 'fast-check';
import { frame, FrameDecoder, FrameType, STREAM_MAGIC, StreamEnd, StreamFault } from '../../../src/client/contract';

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

interface Piece { readonly type: FrameType; readonly data: Buffer }

function endOf(pieces: Piece[]): StreamEnd {
  const [stdout, stderr] = [FrameType.STDOUT, FrameType.STDERR]
    .map(type => Buffer.concat(pieces.filter(piece => piece.type === type).map(({ data }) => data)));
  return {
    exitCode: 0,
    signal: null,
    timedOut: false,
    outputLimitExceeded: false,
    durationMs: 1,
    stdoutBytes: stdout.length,
    stderrBytes: stderr.length,
    stdoutSha256: sha256(stdout),
    stderrSha256: sha256(stderr),
  };
}

function encoded(pieces: Piece[], end: object = endOf(pieces)): Buffer {
  return Buffer.concat([STREAM_MAGIC, ...pieces.map(({ type, data }) => frame(type, data)), frame(FrameType.END, Buffer.from(JSON.stringify(end)))]);
}

/** What comes out, neighbours of one kind joined: where they were cut on the way says nothing. */
function decoded(pieces: Iterable<Buffer>): { output: Array<[FrameType, string]>; end: StreamEnd } {
  const decoder = new FrameDecoder();
  const output: Array<[FrameType, string]> = [];
  for (const piece of pieces) {
    for (const part of decoder.push(piece)) {
      if ('data' in part) {
        const last = output.at(-1);
        if (last?.[0] === part.type) {
          last[1] += part.data.toString('hex');
        } else if (part.data.length > 0) {
          output.push([part.type, part.data.toString('hex')]);
        }
      }
    }
  }
  return { output, end: decoder.finish() };
}

function faultOf(bytes: Buffer): StreamFault | undefined {
  try {
    decoded([bytes]);
    return undefined;
  } catch (error) {
    return (error as { fault: StreamFault }).fault;
  }
}

const pieces = fc.array(fc.record({
  type: fc.constantFrom(FrameType.STDOUT, FrameType.STDERR, FrameType.HEARTBEAT),
  data: fc.uint8Array({ maxLength: 50 }).map(bytes => Buffer.from(bytes)),
}).map(piece => piece.type === FrameType.HEARTBEAT ? { ...piece, data: Buffer.alloc(0) } : piece), { maxLength: 12 });

test('what goes in comes out, wherever it is split', () => {
  fc.assert(fc.property(pieces, fc.array(fc.nat(600)), (sent, cuts) => {
    const bytes = encoded(sent);
    const at = [0, ...cuts.filter(cut => cut < bytes.length).sort((a, b) => a - b), bytes.length];
    const split = at.slice(1).map((end, index) => bytes.subarray(at[index], end));
    expect(decoded(split)).toEqual(decoded([bytes]));
    expect(decoded(split)).toEqual(decoded(Array.from(bytes, byte => Buffer.from([byte]))));
    expect(decoded(split).end).toEqual(endOf(sent));
  }));
});

test('wherever a response is cut, that is noticed', () => {
  fc.assert(fc.property(pieces, fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (sent, where) => {
    const bytes = encoded(sent);
    expect(faultOf(bytes.subarray(0, Math.floor(where * bytes.length)))).toBe(StreamFault.CUT);
  }));
});

test('no flipped bit is taken for output', () => {
  fc.assert(fc.property(pieces.filter(sent => sent.some(({ data }) => data.length > 0)), fc.nat(), fc.nat(7), (sent, where, bit) => {
    const bytes = encoded(sent, endOf(sent));
    const end = bytes.indexOf('{"exitCode"');
    const position = STREAM_MAGIC.length + where % (end - STREAM_MAGIC.length);
    // eslint-disable-next-line no-bitwise
    bytes[position] ^= 1 << bit;
    // A heartbeat carries nothing: that one became something else, or something else became one, shows in the rest.
    const fault = faultOf(bytes);
    const unharmed = fault === undefined && JSON.stringify(decoded([bytes]).output) === JSON.stringify(decoded([encoded(sent)]).output);
    expect(fault !== undefined || unharmed).toBe(true);
  }), { numRuns: 500 });
});

test.each<[string, Buffer, StreamFault]>([
  ['another answer', Buffer.from('{"exitCode":0}'), StreamFault.NOT_A_STREAM],
  ['a later version', Buffer.concat([STREAM_MAGIC.subarray(0, 7), Buffer.from([2])]), StreamFault.UNKNOWN_VERSION],
  ['nothing', Buffer.alloc(0), StreamFault.CUT],
  ['a frame of no type', Buffer.concat([STREAM_MAGIC, Buffer.from([9, 0, 0, 0, 0])]), StreamFault.MALFORMED],
  ['a frame that is too long', Buffer.concat([STREAM_MAGIC, Buffer.from([1, 255, 255, 255, 255])]), StreamFault.MALFORMED],
  ['a heartbeat with something in it', Buffer.concat([STREAM_MAGIC, frame(FrameType.HEARTBEAT, Buffer.from('x'))]), StreamFault.MALFORMED],
  ['an end that is none', Buffer.concat([STREAM_MAGIC, frame(FrameType.END, Buffer.from('null'))]), StreamFault.MALFORMED],
  ['an end that does not say how', encoded([], { ...endOf([]), exitCode: null }), StreamFault.MALFORMED],
  ['an end without a signal', encoded([], { ...endOf([]), signal: undefined }), StreamFault.MALFORMED],
  ['an end with an exit code in words', encoded([], { ...endOf([]), exitCode: '0' }), StreamFault.MALFORMED],
  ['something after the end', Buffer.concat([encoded([]), Buffer.from([1])]), StreamFault.MALFORMED],
  ['other bytes than were counted', encoded([{ type: FrameType.STDOUT, data: Buffer.from('a') }], endOf([])), StreamFault.MISMATCH],
])('%s is no answer', (_, bytes, fault) => {
  expect(faultOf(bytes)).toBe(fault);
});

test('an end is understood with fields that are not known yet', () => {
  expect(decoded([encoded([], { ...endOf([]), later: true })]).end.exitCode).toBe(0);
});
