// Looks at what `npm pack` would publish: all that is needed, nothing that is ours alone, and not too large.
//
//   node build-tools/tarball.mjs
//
// Needs what `npx projen compile` makes.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { problemsOf } = require('./tarball/contents.cjs');

const { status, stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts', '--loglevel=error'], {
  encoding: 'utf8', maxBuffer: 2 ** 26,
});
if (status !== 0) throw new Error(`npm pack ended with ${status}: ${stderr}`);
const [packed] = JSON.parse(stdout);
const tracked = spawnSync('git', ['ls-files', '-z'], { encoding: 'utf8', maxBuffer: 2 ** 26 });
if (tracked.status !== 0) throw new Error(`git ls-files ended with ${tracked.status}: ${tracked.stderr}`);
const problems = problemsOf(packed, require('../package.json'), process.cwd(), tracked.stdout.split('\0'));
problems.forEach(problem => console.error(`tarball: ${problem}`));
console.log(`tarball: ${packed.files.length} files, ${(packed.size / 1e6).toFixed(2)} MB, problems: ${problems.length}`);
process.exit(problems.length === 0 ? 0 : 1);
