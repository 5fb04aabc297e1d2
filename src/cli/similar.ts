/** How many letters may differ before a word is another one: a slip or two. */
const SLIPS = 2;

/**
 * The known word that is likely meant by one that is not known; undefined where none is near. A part of a name is near, too:
 * `VAST_REGION` is `VAST_AWS_REGION`.
 */
export function similar(word: string, known: readonly string[]): string | undefined {
  const [nearest] = known.map(candidate => ({ candidate, slips: slips(word, candidate) })).sort((a, b) => a.slips - b.slips);
  return nearest && nearest.slips <= SLIPS ? nearest.candidate : known.find(candidate => isAbridged(word, candidate));
}

/** Tells names that leave out some words of the other, such as `VAST_REGION` of `VAST_AWS_REGION`. */
function isAbridged(short: string, name: string): boolean {
  const words = name.split('_');
  let at = -1;
  return short.includes('_') && short.split('_').every(word => (at = words.indexOf(word, at + 1)) >= 0);
}

/** How many letters have to be put in, left out, changed or swapped with their neighbour to make one word of the other. */
function slips(a: string, b: string): number {
  let [beforeLast, last]: number[][] = [[], Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? beforeLast[j - 2] + 1 : Infinity;
      row.push(Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1), swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return last[b.length];
}
