/** The three numbers of a release such as `v3.1.0`. */
export interface Release {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

const RELEASE = /^v(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})$/;

/** Reads `v3.1.0`; undefined where the text is anything else. */
export function parseRelease(text: string): Release | undefined {
  const match = RELEASE.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

/** Negative where `a` came before `b`, positive where after, 0 where they are the same release. */
export function compareReleases(a: Release, b: Release): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}
