// Python with AWS's own runtime client, in the pinned version: installed once, into bench/client/.venv.
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Raised by hand, with the table in bench/README.md. */
export const AWSLAMBDARIC = '4.2.2';

const venv = path.join(import.meta.dirname, '.venv');
const python = path.join(venv, 'bin', 'python');
// Written last, so that an installation that was interrupted is not taken for one.
const installed = path.join(venv, `installed-${AWSLAMBDARIC}`);

function pip(...args) {
  execFileSync(python, ['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}

/** @returns the interpreter */
export function pythonWithRuntimeClient() {
  if (!existsSync(installed)) {
    rmSync(venv, { recursive: true, force: true });
    execFileSync('python3', ['-m', 'venv', venv], { stdio: ['ignore', 'inherit', 'inherit'] });
    pip('install', `awslambdaric==${AWSLAMBDARIC}`);
    // Where venv brings it, a part of it is loaded at every start of the interpreter: an image can do without.
    pip('uninstall', '--yes', 'setuptools');
    writeFileSync(installed, '');
  }
  return python;
}
