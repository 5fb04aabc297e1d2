// The package as Python has it: the wheel that would be published, installed into a virtual environment of its own.
//
//   node build-tools/python-package.mjs
//
// Prints the environment's python. Both are made anew whenever what is in the wheel has changed, and only then. Needs what
// `npx projen compile` makes, and PyPI.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const venv = path.join(root, '.venv', 'cdk-vast');
const python = path.join(venv, 'bin', 'python');
const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));

function run(command, args, what) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) {
    console.error(`python-package: ${what}: ${command} ${args.join(' ')} ended with ${status}${error ? ` (${error.message})` : ''}\n${stdout}${stderr}`);
    process.exit(1);
  }
}

/** What the wheel's code is made from, and what it is installed with. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['.jsii', 'package.json', ...filesBelow('lib'), ...filesBelow('docker'), ...filesBelow('bin')]) {
    hash.update(`${file}\0`).update(readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

function filesBelow(directory) {
  return readdirSync(path.join(root, directory), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}

function install() {
  run('python3', ['-c', 'import venv, ensurepip'], 'python3 with its module venv is needed (on Debian and Ubuntu: apt-get install python3-venv)');
  const wheels = path.join(root, 'dist', 'python');
  rmSync(wheels, { recursive: true, force: true });
  run('npx', ['projen', 'package:python'], 'the wheel cannot be built');
  rmSync(venv, { recursive: true, force: true });
  mkdirSync(path.dirname(venv), { recursive: true });
  run('python3', ['-m', 'venv', venv], 'no virtual environment');
  const wheel = readdirSync(wheels).find(name => name.endsWith('.whl'));
  // The CDK that Node.js has here: what the two synthesize is compared.
  const cdk = ['aws-cdk-lib', 'constructs'].map(name => `${name}==${devDependencies[name]}`);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'jsii', ...cdk, path.join(wheels, wheel)], 'cannot install from PyPI');
}

// Written last, so that an installation that was interrupted is not taken for one.
const stamp = path.join(venv, 'installed');
const wanted = fingerprint();
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
  install();
  writeFileSync(stamp, wanted);
}
console.log(python);
