/** The longest character of UTF-8. */
const LONGEST = 4;

/**
 * Output as the real agent passes it on, which reads it character by character.
 *
 * What is no character in the last three bytes of a read waits for the next one, and for ever where none comes. Further
 * in front it is passed on as it is. U+FFFD itself is what the agent's decoder gives for what is no character: only its
 * first byte gets through.
 */
export class Utf8Output {
  private held: Buffer = Buffer.alloc(0);

  /** What the agent sends after having read this; it may be nothing. */
  public pass(read: Buffer): Buffer {
    const bytes = this.held.length > 0 ? Buffer.concat([this.held, read]) : read;
    const kept: Buffer[] = [];
    let from = 0;
    let at = firstBeyondAscii(bytes, 0);
    while (at < bytes.length) {
      const length = characterLength(bytes, at);
      const replacement = length === 3 && bytes[at] === 0xef && bytes[at + 1] === 0xbf && bytes[at + 2] === 0xbd;
      if ((length === 0 || replacement) && bytes.length - at < LONGEST) {
        break;
      }
      if (replacement) {
        kept.push(bytes.subarray(from, at + 1));
        from = at + length;
      }
      at = firstBeyondAscii(bytes, at + Math.max(length, 1));
    }
    kept.push(bytes.subarray(from, at));
    this.held = Buffer.from(bytes.subarray(at));
    return kept.length === 1 ? kept[0] : Buffer.concat(kept);
  }
}

function firstBeyondAscii(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] < 0x80) at++;
  return at;
}

/** How many bytes the character takes that begins there; 0 where there is none, or not all of it. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at];
  if (first < 0x80) {
    return 1;
  }
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) {
    return 0;
  }
  const [lowest, highest] = SECOND_BYTES[first] ?? [0x80, 0xbf];
  if (bytes[at + 1] < lowest || bytes[at + 1] > highest) {
    return 0;
  }
  for (let next = at + 2; next < at + length; next++) {
    if (bytes[next] < 0x80 || bytes[next] > 0xbf) {
      return 0;
    }
  }
  return length;
}

/** First bytes after which not every second one is a character's: no overlong forms, no surrogates, nothing past U+10FFFF. */
const SECOND_BYTES: { readonly [first: number]: readonly [number, number] | undefined } = {
  0xe0: [0xa0, 0xbf],
  0xed: [0x80, 0x9f],
  0xf0: [0x90, 0xbf],
  0xf4: [0x80, 0x8f],
};
