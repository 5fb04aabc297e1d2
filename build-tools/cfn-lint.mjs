// Checks the templates of the deployment's variants with cfn-lint, which knows what the services accept.
//
//   node build-tools/cfn-lint.mjs
//
// cfn-lint is a Python program: it is installed once, in the pinned version, into .venv/cfn-lint.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** Raised by hand: a newer version finds more, and a build is not the place to be surprised. */
const VERSION = '1.58.0';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const venv = path.join(root, '.venv', 'cfn-lint');
const program = path.join(venv, 'bin', 'cfn-lint');
// Written last, so that an installation that was interrupted is not taken for one.
const installed = path.join(venv, `installed-${VERSION}`);

function fail(message) {
  console.error(`cfn-lint: ${message}`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (error) console.error(String(error));
  return status === 0;
}

function install() {
  if (existsSync(installed)) return;
  if (!run('python3', ['-c', 'import venv, ensurepip'], { stdio: 'ignore' })) {
    fail('needs python3 with its module venv: on Debian and Ubuntu, apt-get install python3-venv');
  }
  rmSync(venv, { recursive: true, force: true });
  if (!run('python3', ['-m', 'venv', venv])) fail(`cannot make a virtual environment in ${venv}`);
  if (!run(path.join(venv, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `cfn-lint==${VERSION}`])) {
    fail(`cannot install cfn-lint ${VERSION} from PyPI`);
  }
  writeFileSync(installed, '');
}

install();
const templates = mkdtempSync(path.join(tmpdir(), 'cdk-vast-cfn-lint-'));
process.on('exit', () => rmSync(templates, { recursive: true, force: true }));
const env = { ...process.env, TS_NODE_TRANSPILE_ONLY: 'true', TS_NODE_PROJECT: 'test/tsconfig.json' };
if (!run(process.execPath, ['-r', 'ts-node/register', 'test/deployment-variants.ts', templates], { env })) {
  fail('cannot synthesize the variants of test/deployment-variants.ts');
}
const files = readdirSync(templates).map(name => path.join(templates, name));
if (files.length === 0) fail('no template was synthesized');
// CDK's doing: dependencies that a reference implies as well (W3005), and zones by name where the region is known (W3010).
if (!run(program, ['--ignore-checks', 'W3005', 'W3010', '--regions', 'eu-central-1', '--template', ...files])) fail('see above');
console.log(`cfn-lint ${VERSION}: ${files.length} templates without a finding`);
