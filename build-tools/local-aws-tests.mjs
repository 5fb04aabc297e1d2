// Runs the tests of local-aws/ against emulators of their own, in the emulator's Python environment.
//
//   node build-tools/local-aws-tests.mjs
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'local-aws');

function run(command, args, stdio = 'inherit') {
  const { status, stdout, error } = spawnSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', stdio, 'inherit'] });
  if (status !== 0) throw error ?? new Error(`${command} ended with ${status}`);
  return stdout?.trim();
}

// Starting an instance makes the environment and starts Docker where one of them is missing.
const name = `tests-${process.pid}`;
run('python3', ['local_aws_ctl.py', 'start', '--name', name]);
try {
  const find = 'from local_aws import virtual_environment as v; print(v.ensure())';
  run(run('python3', ['-c', find], 'pipe'), ['-m', 'unittest', 'discover', '-t', '.', '-s', 'tests']);
} finally {
  run('python3', ['local_aws_ctl.py', 'stop', '--name', name]);
}
