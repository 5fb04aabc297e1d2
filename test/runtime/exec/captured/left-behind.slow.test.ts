import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { eventually, forgetFiles, leftFiles, processesOf, removeShells, run, session, shellsUnderTest, without } from './shells';
import { ExecOutcomeUnknownError } from '../../../../src/runtime/exec/captured';

jest.setTimeout(120_000);

const present = shellsUnderTest();
// The official images of the engine since v5 have no setsid(1), but Perl; BusyBox has it.
const shells = [...present, without(present[0], 'dash without setsid', 'setsid'), without(present[1], 'bash without setsid', 'setsid')];
afterAll(removeShells);
afterEach(async () => {
  try {
    await eventually(() => expect([...shells.flatMap(leftFiles), ...shells.flatMap(processesOf)]).toEqual([]));
  } finally {
    shells.forEach(forgetFiles);
  }
});

describe.each(shells.map(under => [under.name, under] as const))('in %s', (_name, under) => {
  test('SIGKILL to its own process group ends the command alone', async () => {
    const result = await run(under, 'echo begun; sleep 7501 & kill -9 0; sleep 60');
    expect({ exitCode: result.exitCode, stdout: result.stdout.toString() }).toEqual({ exitCode: 137, stdout: 'begun\n' });
  });

  test('SIGKILL to its parent leaves nothing of either', async () => {
    await expect(run(under, 'echo begun; yes & sleep 7502 & kill -9 $PPID; sleep 60', { onStdout: () => undefined })).rejects.toThrow(ExecOutcomeUnknownError);
  });

  test('it has no terminal that it could write to', async () => {
    const result = await run(under, 'for i in 1 2 3 4 5; do echo "to the terminal" 2>/dev/null >/dev/tty || echo none; done; head -c 300000 /dev/zero');
    expect([result.exitCode, result.stdout.toString()]).toEqual([0, `${'none\n'.repeat(5)}${'\0'.repeat(300_000)}`]);
  });

  test('script and environment are in no file when it begins', async () => {
    const found: string[] = [];
    const result = await run(under, ': secret-of-the-script\nprintf %s "$SECRET"; exec sleep 7503', {
      env: { SECRET: 'secret-of-the-environment' },
      timeoutSeconds: 60,
      onStdout: () => {
        const [directory] = leftFiles(under);
        const names = readdirSync(join(under.temporary, directory));
        expect(names).toEqual(expect.arrayContaining(['o', 'e', 'pid']));
        const files = names.map(name => join(under.temporary, directory, name)).filter(file => statSync(file).isFile());
        found.push(...files.filter(file => !/s[oe]$/.test(file) && readFileSync(file, 'latin1').includes('secret-of')));
        process.kill(Number(readFileSync(join(under.temporary, directory, 'pid'))));
      },
    });
    expect([result.exitCode, found]).toEqual([143, []]);
  });
});
