import { isUtf8 } from 'node:buffer';
import { KeptOutput } from './kept-output';
import { TextEncoding } from '../contract/event';

/** A stream as it stands in an answer. */
export interface FittedOutput {
  readonly text: string;
  readonly encoding: TextEncoding;

  /** The end of the stream, and how much is missing between it and the text; undefined where nothing is. */
  readonly cut?: { readonly tail: string; readonly omittedBytes: number };
}

/** The most that a byte of output takes in JSON: `\u0000`. */
const LARGEST_COST = 6;

/** What a byte takes in a JSON string where it is part of valid UTF-8. */
const JSON_COST = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x80 ? JSON.stringify(String.fromCharCode(byte)).length - 2 : 1);

/**
 * Writes two streams so that together they take at most `budget` bytes of JSON.
 *
 * One that takes less than half of that is complete in any case, and the other one has the rest.
 */
export function fitBoth(outputs: readonly [KeptOutput, KeptOutput], budget: number): FittedOutput[] {
  if ((outputs[0].meter.bytes + outputs[1].meter.bytes) * LARGEST_COST <= budget) {
    return outputs.map(output => complete(output.ends().first));
  }
  const costs = outputs.map(wholeCost);
  const shares = costs.map((_cost, index) => Math.max(budget - costs[1 - index], Math.floor(budget / 2)));
  return outputs.map((output, index) => fit(output, shares[index]));
}

function complete(output: Buffer): FittedOutput {
  const encoding = isUtf8(output) ? 'utf8' : 'base64';
  return { text: output.toString(encoding), encoding };
}

/** Writes a stream so that it takes at most `budget` bytes of JSON. */
export function fit(output: KeptOutput, budget: number): FittedOutput {
  const ends = output.ends();
  if (ends.complete) {
    if (isUtf8(ends.first) && jsonCost(ends.first) <= budget) {
      return { text: ends.first.toString('utf8'), encoding: 'utf8' };
    }
    if (base64Cost(ends.first.length) <= budget) {
      return { text: ends.first.toString('base64'), encoding: 'base64' };
    }
  }
  const half = Math.floor(budget / 2);
  const [first, last] = [firstCharacters(ends.first, half), lastCharacters(ends.last, half)];
  if (isUtf8(first) && isUtf8(last)) {
    return cut(first, last, output.meter.bytes, 'utf8');
  }
  const bytes = Math.min(ends.first.length, Math.floor(half / 4) * 3);
  return cut(ends.first.subarray(0, bytes), ends.last.subarray(ends.last.length - bytes), output.meter.bytes, 'base64');
}

function cut(first: Buffer, last: Buffer, total: number, encoding: TextEncoding): FittedOutput {
  const omittedBytes = total - first.length - last.length;
  return { text: first.toString(encoding), encoding, cut: { tail: last.toString(encoding), omittedBytes } };
}

function wholeCost(output: KeptOutput): number {
  const ends = output.ends();
  if (!ends.complete) {
    return Infinity;
  }
  return isUtf8(ends.first) ? jsonCost(ends.first) : base64Cost(ends.first.length);
}

function base64Cost(bytes: number): number {
  return Math.ceil(bytes / 3) * 4;
}

function jsonCost(bytes: Buffer): number {
  let cost = 0;
  for (let at = 0; at < bytes.length; at++) {
    cost += JSON_COST[bytes[at]];
  }
  return cost;
}

/** The beginning, as far as `budget` goes, without half a character at its end. */
function firstCharacters(bytes: Buffer, budget: number): Buffer {
  let end = 0;
  for (let cost = 0; end < bytes.length && (cost += JSON_COST[bytes[end]]) <= budget;) {
    end++;
  }
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back];
    if (!isContinuation(byte)) {
      return bytes.subarray(0, characterBytes(byte) > back ? end - back : end);
    }
  }
  return bytes.subarray(0, end);
}

/** The end, as far as `budget` goes, without half a character at its beginning. */
function lastCharacters(bytes: Buffer, budget: number): Buffer {
  let start = bytes.length;
  for (let cost = 0; start > 0 && (cost += JSON_COST[bytes[start - 1]]) <= budget;) {
    start--;
  }
  for (let skipped = 0; skipped < 3 && start < bytes.length && isContinuation(bytes[start]); skipped++) {
    start++;
  }
  return bytes.subarray(start);
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

function characterBytes(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}
