// `npm run verify`: everything that a change has to pass, from a fresh clone on. Node's built-ins only, as nothing is
// installed yet when it begins.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const reports = mkdtempSync(path.join(tmpdir(), 'cdk-vast-verify-'));
const counts = { passed: 0, failed: 0 };
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

/** Whether steps run side by side: then what one prints comes in one piece, when it is over. */
let sideBySide = false;

/** Runs one step; a step is a test of its own. */
async function step(name, command, args, env = {}) {
  const began = Date.now();
  // A file, not a pipe: what a step leaves running on purpose, such as Docker, would keep a pipe open.
  const printed = sideBySide ? path.join(reports, `${name}.log`) : undefined;
  const output = printed ? openSync(printed, 'w') : 'inherit';
  if (!printed) console.log(`\n=== ${name}`);
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', output, output], env: { ...process.env, ...env } });
  const problem = await new Promise(resolve => child
    .on('error', error => resolve(String(error)))
    .on('exit', status => resolve(status === 0 ? '' : `it has ended with ${status}`)));
  if (printed) {
    closeSync(output);
    console.log(`\n=== ${name}\n${readFileSync(printed, 'utf8').trimEnd()}`);
  }
  console.log(`=== ${name}: ${problem ? `FAILED, ${problem}` : 'ok'} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return !problem;
}

/** A step that is one test: it passes or fails as a whole. */
async function check(name, command, args, env) {
  const ok = await step(name, command, args, env);
  counts[ok ? 'passed' : 'failed'] += 1;
  return ok;
}

/** Lanes of steps, the steps of each one after the other: those that keep no more than one core busy. */
async function lanes(...all) {
  sideBySide = true;
  await Promise.all(all.map(async (steps) => {
    for (const args of steps) await check(...args);
  }));
  sideBySide = false;
}

/** A step that runs jest: each test counts. */
async function jest(name, args, env) {
  const report = path.join(reports, `${counts.passed + counts.failed}.json`);
  const ok = await step(name, 'npx', ['jest', '--ci', '--json', `--outputFile=${report}`, ...args], env);
  if (existsSync(report)) {
    const { numPassedTests, numFailedTests, numFailedTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
    counts.passed += numPassedTests;
    counts.failed += numFailedTests || (ok ? 0 : Math.max(1, numFailedTestSuites));
  } else {
    counts.failed += 1;
  }
  return ok;
}

function finish() {
  console.log(`\ntests: ${counts.passed} passed, ${counts.failed} failed`);
  process.exit(counts.failed === 0 ? 0 : 1);
}

// Without these two nothing that follows means anything.
if (!await check('install', 'npm', ['ci', '--no-audit', '--no-fund'])) finish();
if (!await check('compile', 'npx', ['projen', 'compile'])) finish();

// It writes files anew that others read.
await check('generated files are current', process.execPath, ['build-tools/check-generated.mjs']);
await lanes(
  [
    ['type-check of the tests', 'npx', ['tsc', '--noEmit', '-p', 'test/tsconfig.json']],
    ['type-check of the examples', 'npx', ['tsc', '-p', 'examples/tsconfig.json']],
    ['lint', 'npx', ['projen', 'eslint']],
    ['docs lint', process.execPath, ['build-tools/docs-lint.mjs']],
    ['contents of the tarball', process.execPath, ['build-tools/tarball.mjs']],
    ['cfn-lint of the synthesized templates', process.execPath, ['build-tools/cfn-lint.mjs']],
    ['package for Python', process.execPath, ['build-tools/python-package.mjs']],
  ],
  [
    ['tests of the local AWS', process.execPath, ['build-tools/local-aws-tests.mjs']],
  ],
);
await jest('unit tests', []);
await jest('slow tests', ['--config', 'jest.slow.config.json']);
await jest('end-to-end tests', ['--config', 'jest.e2e.config.json']);
finish();
