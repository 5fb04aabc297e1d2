import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { fitBoth, FittedOutput } from '../../../src/client/bootstrap/fitting';
import { KeptOutput } from '../../../src/client/bootstrap/kept-output';

const ENDS = 64;
const BUDGET = 2 * ENDS;

function kept(pieces: Buffer[]): KeptOutput {
  const output = new KeptOutput(ENDS);
  pieces.forEach(piece => output.add(piece));
  return output;
}

const stream = fc.array(fc.oneof(
  fc.uint8Array({ maxLength: 100 }).map(bytes => Buffer.from(bytes)),
  fc.string({ unit: 'grapheme', maxLength: 30 }).map(text => Buffer.from(text)),
  fc.constant(Buffer.from('\0\n"\\'.repeat(5))),
), { maxLength: 8 });

const bytesOf = (text: string | undefined, encoding: BufferEncoding) => Buffer.from(text ?? '', encoding);
const cost = (fitted: FittedOutput[]) => Buffer.byteLength(JSON.stringify(fitted.map(({ text, cut }) => text + (cut?.tail ?? '')).join('')));

test('the beginning and the end of a stream are kept, in whatever pieces it comes', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), pieces => {
    const output = kept(pieces.map(piece => Buffer.from(piece)));
    const all = Buffer.concat(pieces);
    const { first, last, complete } = output.ends();
    expect(complete).toBe(all.length <= 2 * ENDS);
    expect(first).toEqual(complete ? all : all.subarray(0, ENDS));
    expect(last).toEqual(complete ? all : all.subarray(-ENDS));
    expect(output.meter.bytes).toBe(all.length);
  }));
});

test('two streams fit, and what they say is true', () => {
  fc.assert(fc.property(stream, stream, (stdout, stderr) => {
    const fitted = fitBoth([kept(stdout), kept(stderr)], BUDGET);
    expect(cost(fitted) - 2).toBeLessThanOrEqual(BUDGET);
    [stdout, stderr].forEach((pieces, index) => {
      const all = Buffer.concat(pieces);
      const { text, encoding, cut } = fitted[index];
      const [first, last] = [bytesOf(text, encoding), bytesOf(cut?.tail, encoding)];
      expect(first).toEqual(all.subarray(0, first.length));
      expect(last).toEqual(all.subarray(all.length - last.length));
      expect(first.length + last.length + (cut?.omittedBytes ?? 0)).toBe(all.length);
      expect(isUtf8(all) || encoding === 'base64' || cut !== undefined).toBe(true);
    });
  }), { numRuns: 1000 });
});

test('one that is small is complete, however large the other one is', () => {
  const [, stderr] = fitBoth([kept([Buffer.alloc(5000, 'x')]), kept([Buffer.alloc(BUDGET / 2, 'e')])], BUDGET);
  expect(stderr).toEqual({ text: 'e'.repeat(BUDGET / 2), encoding: 'utf8' });
});

test('text that does not fit because of its control characters is given in base64 if it fits then', () => {
  const [stdout] = fitBoth([kept([Buffer.alloc(60, 1)]), kept([])], BUDGET);
  expect(stdout).toEqual({ text: Buffer.alloc(60, 1).toString('base64'), encoding: 'base64' });
});
