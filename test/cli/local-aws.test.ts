import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Failure, Interrupted, UserError } from '../../src/cli/errors';
import { findLocalAws } from '../../src/cli/local-aws';

const { PATH } = process.env;
const directory = mkdtempSync(join(tmpdir(), 'cdk-vast-python-'));
afterAll(() => {
  process.env.PATH = PATH;
  rmSync(directory, { recursive: true });
});

/** Has the control program end in this way. */
function controlProgram(script: string): void {
  writeFileSync(join(directory, 'python3'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(directory, 'python3'), 0o755);
  process.env.PATH = `${directory}:${PATH}`;
}

test('an instance that runs is described, one that does not is none', async () => {
  controlProgram('echo \'{"name": "default"}\'');
  expect(await findLocalAws('default')).toEqual({ name: 'default' });
  controlProgram('exit 3');
  expect(await findLocalAws('default')).toBeUndefined();
});

test.each<[string, new (...args: never[]) => Error, string]>([
  ['kill -INT $$', Interrupted, 'interrupted'],
  ['echo broken >&2; exit 1', Failure, 'the local AWS cannot be asked whether it runs\nbroken'],
  ['kill -KILL $$', Failure, 'the local AWS cannot be asked whether it runs'],
  ['echo "Python 3.10 or newer is needed" >&2; exit 2', UserError, 'Python 3.10 or newer is needed'],
])('what cannot be asked is not taken for stopped: %s', async (script, type, message) => {
  controlProgram(script);
  const error = await findLocalAws('default').catch((thrown: Error) => thrown);
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toContain(message);
});
