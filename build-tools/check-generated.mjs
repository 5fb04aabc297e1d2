// Fails where API.md, a table of a document, a picture of a recording, or a file that projen writes is not what its source says.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const recorded = readdirSync('docs/recording').filter(file => file.endsWith('.typescript')).map(file => `docs/${file.replace('.typescript', '.svg')}`);
const written = ['API.md', 'README.md', 'docs/cost.md', 'docs/security.md', ...recorded, ...JSON.parse(readFileSync('.projen/files.json', 'utf8')).files];
const before = new Map(written.map(file => [file, readFileSync(file, 'utf8')]));

for (const [command, args, env] of [
  ['npx', ['projen', 'docgen'], {}],
  [process.execPath, ['build-tools/cost-doc.mjs'], {}],
  [process.execPath, ['build-tools/security-doc.mjs'], {}],
  [process.execPath, ['docs/recording/terminal-picture.mjs'], {}],
  // projen would install what is missing; here everything is installed, and versions are not to move.
  ['npx', ['ts-node', '--project', 'projenrc/tsconfig.json', '.projenrc.ts'], { PROJEN_DISABLE_POST: 'true' }],
]) {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${[command, ...args].join(' ')} ended with ${status}`);
}

const stale = written.filter(file => readFileSync(file, 'utf8') !== before.get(file));
if (stale.length > 0) {
  console.error(`not current: ${stale.join(', ')}. It has been written anew: look at the difference, and commit it.`);
  process.exit(1);
}
