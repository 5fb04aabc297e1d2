// The licences of packages that are bundled into files of ours, as most of them ask for.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Licences that let us do that, and want no more than to be passed on. */
const PERMISSIVE = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/** What somebody gets with the bundle: the packages that are in it, and the text of each licence once. */
export function licencesOf(inputs) {
  const packages = new Map();
  for (const directory of new Set([...inputs].flatMap(input => /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1] ?? []))) {
    const { name, version, license } = JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
    if (!PERMISSIVE.has(license)) throw new Error(`${name} is under ${license}, which is not known to be permissive: see build-tools/bundle-licences.mjs`);
    const file = readdirSync(directory).find(one => /^licen[cs]e/i.test(one));
    const notice = path.join(directory, 'NOTICE');
    const text = [file && readFileSync(path.join(directory, file), 'utf8').trim(), existsSync(notice) && readFileSync(notice, 'utf8').trim()]
      .filter(Boolean).join('\n\n') || license;
    packages.set(text, [...packages.get(text) ?? [], `${name} ${version} (${license})`]);
  }
  return ['The files beside this one contain the following packages.',
    ...[...packages].map(([text, names]) => `${names.sort().join('\n')}\n\n${text}`)].join(`\n\n${'-'.repeat(80)}\n\n`) + '\n';
}
