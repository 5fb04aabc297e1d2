// Writes the section of what is not released yet in CHANGELOG.md, from the subjects of the commits since the last release.
//
//   node build-tools/changelog.mjs
//
// It reads the commits with the program that makes the notes of a release as well. Before the first release, what was mended
// is left out: nobody ever had it otherwise.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = 'CHANGELOG.md';
const HEADING = '## Not released yet';

const run = (command, args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
};
const isFirst = run('git', ['tag', '--list', 'v*']).trim() === '';
const written = run('npx', ['commit-and-tag-version', '--dry-run', '--skip.commit', '--skip.tag', '--skip.bump', ...isFirst ? ['--first-release'] : []]);
const [, notes] = /^---\n#+ [^\n]*\n([^]*?)^---$/m.exec(written) ?? [];
if (notes === undefined) throw new Error(`the notes are not to be understood:\n${written}`);
const section = notes
  // A commit that is moved to another branch gets another name.
  .replace(/ \(\[[0-9a-f]{7,}\]\([^)]*\)\)/g, '')
  .replace(/^### Bug Fixes\n[^]*?(?=^### |(?![^]))/m, isFirst ? '' : '$&')
  .trim();

const text = readFileSync(FILE, 'utf8');
const begin = text.indexOf(HEADING);
if (begin < 0) throw new Error(`${FILE} has no section '${HEADING}'`);
const next = text.indexOf('\n## ', begin + HEADING.length);
writeFileSync(FILE, `${text.slice(0, begin)}${HEADING}\n\n${section}\n${next < 0 ? '' : text.slice(next)}`);
