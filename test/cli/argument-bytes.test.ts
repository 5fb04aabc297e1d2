import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { refuseReplacedBytes } from '../../src/cli/argument-bytes';
import { UserError } from '../../src/cli/errors';

const directory = mkdtempSync(path.join(tmpdir(), 'vast-bytes-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A file of these bytes. */
function file(name: string, content: Buffer): string {
  const where = path.join(directory, name);
  writeFileSync(where, content);
  return where;
}

test('Node.js replaces bytes that are not UTF-8 in arguments, and Linux still has them', () => {
  const program = 'process.stdout.write(JSON.stringify([process.argv.at(-1), require("fs").readFileSync("/proc/self/cmdline").toString("latin1").split("\\0").at(-2)]))';
  const { stdout } = spawnSync('bash', ['-c', `"$0" -e '${program}' "$(printf 'echo \\377')"`, process.execPath], { encoding: 'utf8' });
  expect(JSON.parse(stdout)).toEqual(['echo \ufffd', 'echo \xff']);
});

test('such an argument is refused, and the other way in is named', () => {
  const commandLine = file('replaced', Buffer.from('node\0vast-cloud\0--cmd\0echo \xff\0', 'latin1'));
  expect(() => refuseReplacedBytes(['--cmd', 'echo \ufffd'], commandLine)).toThrow(UserError);
  expect(() => refuseReplacedBytes(['--cmd', 'echo \ufffd'], commandLine))
    .toThrow(/not UTF-8, at the character 6 of "echo \ufffd": .* as a file \(--cmd file:\/\/\/path\) or on standard input \(--cmd -\)/);
  // Where the bytes are not known, it cannot be told from what the user has meant.
  expect(() => refuseReplacedBytes(['echo \ufffd'], path.join(directory, 'none'))).toThrow(UserError);
});

test('the character itself is one like any other', () => {
  expect(() => refuseReplacedBytes(['echo \ufffd', 'ü'], file('meant', Buffer.from('node\0vast-cloud\0echo \ufffd\0ü\0')))).not.toThrow();
  expect(() => refuseReplacedBytes(['echo'], path.join(directory, 'none'))).not.toThrow();
});
