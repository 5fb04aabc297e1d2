// `npm run verify`: everything that a change has to pass, from a fresh clone on. Node's built-ins only, as nothing is
// installed yet when it begins.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const reports = mkdtempSync(path.join(tmpdir(), 'cdk-vast-verify-'));
const counts = { passed: 0, failed: 0 };
process.on('exit', () => rmSync(reports, { recursive: true, force: true }));

/** Runs one step in the foreground; a step is a test of its own. */
function step(name, command, args, env = {}) {
  const began = Date.now();
  console.log(`\n=== ${name}`);
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  if (error) console.log(String(error));
  const ok = status === 0;
  console.log(`=== ${name}: ${ok ? 'ok' : 'FAILED'} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  return ok;
}

/** A step that is one test: it passes or fails as a whole. */
function check(name, command, args, env) {
  const ok = step(name, command, args, env);
  counts[ok ? 'passed' : 'failed'] += 1;
  return ok;
}

/** A step that runs jest: each test counts. */
function jest(name, args, env) {
  const report = path.join(reports, `${counts.passed + counts.failed}.json`);
  const ok = step(name, 'npx', ['jest', '--ci', '--json', `--outputFile=${report}`, ...args], env);
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
if (!check('install', 'npm', ['ci', '--no-audit', '--no-fund'])) finish();
if (!check('compile', 'npx', ['projen', 'compile'])) finish();

check('generated files are current', process.execPath, ['build-tools/check-generated.mjs']);
check('type-check of the tests', 'npx', ['tsc', '--noEmit', '-p', 'test/tsconfig.json']);
check('type-check of the examples', 'npx', ['tsc', '-p', 'examples/tsconfig.json']);
check('lint', 'npx', ['projen', 'eslint']);
check('docs lint', process.execPath, ['build-tools/docs-lint.mjs']);
check('contents of the tarball', process.execPath, ['build-tools/tarball.mjs']);
jest('unit tests', []);
check('package for Python', process.execPath, ['build-tools/python-package.mjs']);
jest('slow tests', ['--config', 'jest.slow.config.json']);
check('cfn-lint of the synthesized templates', process.execPath, ['build-tools/cfn-lint.mjs']);
check('tests of the local AWS', process.execPath, ['build-tools/local-aws-tests.mjs']);
jest('end-to-end tests', ['--config', 'jest.e2e.config.json']);
finish();
