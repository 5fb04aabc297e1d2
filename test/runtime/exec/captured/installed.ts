import { existsSync } from 'node:fs';

/** Whether it is there. Where it is not, what is not tested is said, as skipped tests are easily overlooked. */
export function isInstalled(program: string): boolean {
  const there = existsSync(program);
  if (!there) {
    console.warn(`NOT TESTED: captured commands in ${program}, because it is not installed here`);
  }
  return there;
}
