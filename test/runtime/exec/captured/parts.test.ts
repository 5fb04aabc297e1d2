import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { isInstalled } from './installed';
import { capturedWords } from './pty-channel';
import { InvalidInputError } from '../../../../src/runtime/errors';
import { CAPTURED_COMMAND } from '../../../../src/runtime/exec/captured';
import { Cksum } from '../../../../src/runtime/exec/captured/cksum';
import { CapturedCommand, checked } from '../../../../src/runtime/exec/captured/command';
import { CommandInput } from '../../../../src/runtime/exec/captured/command-input';
import { remoteProgram } from '../../../../src/runtime/exec/captured/remote';

const PROGRAM = remoteProgram({
  nonce: 'n', directory: 'd', shell: '/bin/sh', stdin: true, graceSeconds: 5, timeoutSeconds: 0, heartbeatSeconds: 30, lookSeconds: 30, looks: 20,
});

test('our cksum is that of cksum', () => {
  for (const text of ['', 'a', 'abc\n'.repeat(100_000)]) {
    expect(`${new Cksum().update(Buffer.from(text)).digest()} ${text.length}`).toBe(execFileSync('cksum', { input: text, encoding: 'utf8' }).trim());
  }
  const pieces = new Cksum().update(Buffer.from('ab')).update(Buffer.from('c'));
  expect(pieces.digest()).toBe(new Cksum().update(Buffer.from('abc')).digest());
});

test('the request is small, and nothing in it has to be quoted', () => {
  expect(CAPTURED_COMMAND.length).toBeLessThan(1000);
  expect(CAPTURED_COMMAND).toMatch(/^[ -~]+$/);
  // The words that the agent makes of it are those of a shell.
  const words = execFileSync('sh', ['-c', `printf '%s\\0' ${CAPTURED_COMMAND}`], { encoding: 'utf8' }).split('\0').slice(0, -1);
  expect(words).toEqual(capturedWords());
});

test('the program is ASCII, and one that shells understand', () => {
  expect(PROGRAM).toMatch(/^[ -~\n]+$/);
  expect(PROGRAM).not.toContain('#\n');
  for (const shell of ['dash', 'bash', 'busybox'].filter(name => isInstalled(`/bin/${name}`))) {
    execFileSync(shell, [...shell === 'busybox' ? ['sh'] : [], '-n', '-c', PROGRAM]);
  }
});

test('the program removes files by their names, and never a tree', () => {
  expect(PROGRAM).not.toMatch(/rm -\w*[rR]/);
  const [clear] = /^cdkv_clear\(\) \{\n[^]*?\n\}$/m.exec(PROGRAM)!;
  const root = mkdtempSync(join(tmpdir(), 'clear-'));
  try {
    for (const name of ['cdk-vast-0123456789ab', 'other', 'cdk-vast-0123456789ac']) {
      mkdirSync(join(root, name));
      writeFileSync(join(root, name, 'sh'), '');
    }
    writeFileSync(join(root, 'cdk-vast-0123456789ac', 'of-somebody-else'), '');
    for (const path of ['', '/', root, `${root}/`, `${root}/other`, `${root}/cdk-vast-`, 'cdk-vast-0123456789ab', `${root}/cdk-vast-0123456789ab`, `${root}/cdk-vast-0123456789ac`]) {
      spawnSync('/bin/sh', ['-c', `${clear}\ncdkv_clear "$1"`, 'sh', path], { cwd: '/' });
    }
    expect(readdirSync(root, { recursive: true }).sort()).toEqual(['cdk-vast-0123456789ac', 'cdk-vast-0123456789ac/of-somebody-else', 'other', 'other/sh']);
  } finally {
    rmSync(root, { recursive: true });
  }
});

test.each<[string, Partial<CapturedCommand>, string]>([
  ['nothing', { script: '' }, 'it is empty'],
  ['blanks', { script: ' \n' }, 'it is empty'],
  ['a NUL byte', { script: 'echo \0' }, 'it contains a NUL byte'],
  ['a program', { script: Buffer.from('ELF\0') }, 'it contains a NUL byte'],
  ['half a character', { script: 'echo \ud83d' }, 'half a surrogate pair'],
  ['a name with a blank', { env: { 'A B': '' } }, 'env has the name "A B"'],
  ['a name with a quote', { env: { 'A=\'': '' } }, 'env has the name'],
  ['a name that begins with a digit', { env: { '1A': '' } }, 'env has the name "1A"'],
  ['a value with a NUL byte', { env: { A: 'x\0' } }, 'env\'s "A" contains a NUL byte'],
  ['a value with half a character', { env: { A: '\udc00' } }, 'half a surrogate pair'],
  ['a value that is too long', { env: { A: 'x'.repeat(128 * 1024) } }, '128 KiB'],
  ['a shell without its path', { shell: 'bash' }, "the shell is 'bash'"],
  ['a shell with more', { shell: '/bin/sh -x; rm' }, 'the shell is'],
  ['no time', { timeoutSeconds: 0 }, 'the time-out is 0'],
  ['a time that is none', { timeoutSeconds: NaN }, 'the time-out is NaN'],
  ['no time to be idle', { idleTimeoutSeconds: 0 }, 'the idle time-out is 0'],
  ['a grace period that is none', { graceSeconds: -1 }, 'the grace period is -1'],
])('%s is refused', (_, command, words) => {
  expect(() => checked({ script: 'true', ...command })).toThrow(InvalidInputError);
  expect(() => checked({ script: 'true', ...command })).toThrow(words);
});

test('the input goes out in pieces that are not too large, and is all there', async () => {
  const source = fc.nat({ max: 500_000 }).map(length => Buffer.from(Array.from({ length }, (_, at) => (at * 7919 + length) % 251)));
  await fc.assert(fc.asyncProperty(fc.array(source, { maxLength: 4 }), async (sources) => {
    const input = new CommandInput((async function* () {
      yield* sources;
    })());
    const pieces: Buffer[] = [];
    for (let piece = await input.next(); piece; piece = await input.next()) {
      expect(piece.length).toBeGreaterThan(0);
      expect(piece.length).toBeLessThanOrEqual(192 * 1024);
      pieces.push(piece);
    }
    expect(Buffer.concat(pieces).equals(Buffer.concat(sources))).toBe(true);
  }), { numRuns: 20 });
  expect(await new CommandInput('').next()).toBeUndefined();
});
