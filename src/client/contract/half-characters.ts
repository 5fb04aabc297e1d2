/** As `\p{Surrogate}`, which the bundler would turn into a `new RegExp` for each event: that takes longer than the test. */
const HALF_A_PAIR = /[\ud800-\udfff]/u;

/** Whether a text contains half a surrogate pair, which is no character: encoded, it would silently become another one. */
export function hasHalfCharacters(text: string): boolean {
  return HALF_A_PAIR.test(text);
}
