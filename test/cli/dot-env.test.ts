import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { environmentWithDotEnv } from '../../src/cli/dot-env';

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'vast-cloud-dot-env-'));
  file = path.join(directory, '.env');
});
afterEach(() => rmSync(directory, { recursive: true }));

const LINES = 'VAST_CIDR=10.0.0.0/24\r\n# Sagte er: "schön"\r\nVAST_STACK_NAME="Vast-1"\r\n';
const SETTINGS = { VAST_CIDR: '10.0.0.0/24', VAST_STACK_NAME: 'Vast-1' };

/** What is read, or the sentence with which it is refused. */
function read(content?: Buffer | string, environment: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv | string {
  if (content !== undefined) {
    writeFileSync(file, content);
  }
  try {
    return environmentWithDotEnv(environment, file);
  } catch (error) {
    expect((error as Error).name).toBe('UserError');
    return (error as Error).message;
  }
}

test('no file is no setting', () => {
  expect(read(undefined, { A: 'b' })).toEqual({ A: 'b' });
});

test('what is exported wins', () => {
  expect(read(LINES, { VAST_CIDR: '10.1.0.0/24' })).toEqual({ ...SETTINGS, VAST_CIDR: '10.1.0.0/24' });
});

test('a byte order mark is no part of the first name', () => {
  expect(read(`\ufeff${LINES}`)).toEqual(SETTINGS);
});

test.each([
  ['UTF-16 with its mark', Buffer.from(`\ufeff${LINES}`, 'utf16le'), 'in UTF-16: save it as UTF-8'],
  ['UTF-16 the other way round', Buffer.from(`\ufeff${LINES}`, 'utf16le').swap16(), 'in UTF-16: save it as UTF-8'],
  ['UTF-16 without a mark', Buffer.from(LINES, 'utf16le'), 'in UTF-16: save it as UTF-8'],
  ['Latin-1', Buffer.from(LINES, 'latin1'), 'is not in UTF-8: save it as UTF-8'],
])('%s is named, with the cure', (_, content, words) => {
  const said = read(content);
  expect(said).toContain(file);
  expect(said).toContain(words);
});

// Node.js takes such a line for the beginning of the next name, and the variable of the next line is not set.
test.each(['set -a', 'VAST_PEERED_VPC_ID', '<<<<<<< HEAD', 'export VAST_PEERED_VPC_ID: none'])('%s is refused with its line', (line) => {
  expect(read(`# Mine\n\n${line}\nVAST_STACK_NAME=Staging\n`)).toBe(
    `${file} has a line that sets no variable (3): write NAME=value, or # before a comment`);
});

test('a device is refused', () => {
  symlinkSync('/dev/zero', file);
  expect(read()).toBe(`${file} is a device: vast-cloud reads variables from a file of that name`);
});

test('a value of several lines, blanks around = and an empty value are right', () => {
  expect(read('NOTE="first\nVAST_CIDR is below"\nVAST_CIDR = 10.0.0.0/24\nVAST_IMAGE=\nVAST_STACK_NAME=\'Vast-1\'\n')).toEqual({
    NOTE: 'first\nVAST_CIDR is below', VAST_IMAGE: '', ...SETTINGS,
  });
});

test('a directory is named', () => {
  mkdirSync(file);
  expect(read()).toMatch(new RegExp(`^${file} is a directory: .*rename`));
});

test('a file that may not be read is named', () => {
  writeFileSync(file, LINES);
  chmodSync(file, 0);
  chmodSync(directory, 0o755);
  // Root reads everything: somebody else does it.
  const program = `try { require(${JSON.stringify(path.resolve(__dirname, '../../lib/cli/dot-env.js'))}).environmentWithDotEnv({}, ${JSON.stringify(file)}) }
    catch (error) { console.log(error.name, error.message) }`;
  const { stdout } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', ...process.getuid!() === 0 && { uid: 65534, gid: 65534 } });
  expect(stdout).toContain(`UserError ${file} cannot be read by this user: chmod`);
});

describe('an AWS account is named by one place', () => {
  const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };

  test('keys of the file do not count beside an exported profile', () => {
    expect(read('AWS_ACCESS_KEY_ID=x\nAWS_SECRET_ACCESS_KEY=y\nAWS_REGION=eu-west-1\n', { AWS_PROFILE: 'prod' })).toEqual({ AWS_PROFILE: 'prod', AWS_REGION: 'eu-west-1' });
  });

  test('a token of the file does not count beside exported keys', () => {
    expect(read('AWS_SESSION_TOKEN=x\nAWS_PROFILE=other\n', KEYS)).toEqual(KEYS);
  });

  test('a token that is exported alone does not count beside keys of the file', () => {
    expect(read('AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b\n', { AWS_SESSION_TOKEN: 'stale' })).toEqual(KEYS);
  });

  test('the file names it where nothing is exported', () => {
    expect(read('AWS_PROFILE=other\n')).toEqual({ AWS_PROFILE: 'other' });
  });
});
