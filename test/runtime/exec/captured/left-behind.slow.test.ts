import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, forgetFiles, leftFiles, processesOf, processesWith, removeShells, run, session, shellsUnderTest, without } from './shells';
import { ExecFault, ExecOutcomeUnknownError } from '../../../../src/runtime/exec/captured';
import { SignsOfLife } from '../../../../src/runtime/exec/captured/signs-of-life';

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

test('a client that is gone without a word takes its command along', async () => {
  await Promise.all(shells.map(async (under) => {
    const channel = session(under);
    const write = channel.write.bind(channel);
    let isGone = false;
    channel.write = async data => isGone ? undefined : write(data);
    // Nobody reads the terminal any more, either: more waits there than it takes.
    const running = run(under, 'echo begun; sleep 7504 & yes', {
      orphanTimeoutSeconds: 10,
      graceSeconds: 0,
      onStdout: () => {
        if (!isGone) {
          isGone = true;
          channel.stopReading();
        }
      },
    }, channel);
    running.catch(() => undefined);
    await eventually(() => expect(isGone).toBe(true));
    await eventually(() => expect([...leftFiles(under), ...processesOf(under).filter(line => !line.includes('pty-host.py'))]).toEqual([]), 90);
    channel.readOn();
    await expect(running).rejects.toThrow(ExecOutcomeUnknownError);
  }));
});

test('a client that comes back late is told that its command was ended', async () => {
  const give = jest.spyOn(SignsOfLife.prototype, 'begin').mockImplementation(() => undefined);
  await expect(run(present[0], 'echo begun; sleep 7505', { orphanTimeoutSeconds: 10 }))
    .rejects.toThrow(/^the command was ended because nothing came from this process for as long as its orphan time-out/);
  give.mockRestore();
});

test('a client that takes no output for long lives all the same', async () => {
  let held: Promise<void> | undefined;
  const result = await run(present[0], 'head -c 20000000 /dev/zero; echo end >&2', {
    orphanTimeoutSeconds: 10,
    onStdout: async () => held ??= sleep(15_000),
  });
  expect([result.exitCode, result.stdoutBytes, result.stderr.toString()]).toEqual([0, 20_000_000, 'end\n']);
});

// A full disk has room for a directory, and for nothing in it. Mounting one takes root.
(process.getuid!() === 0 ? test : test.skip)('a full $TMPDIR is passed over', async () => {
  for (const under of shells) {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', under.temporary]);
    try {
      const result = await run(under, 'echo "$0"; cat', { stdin: 'input\n' });
      expect([result.exitCode, result.stdout.toString(), leftFiles(under)]).toEqual([0, expect.stringMatching(/sh\ninput\n$/), []]);
    } finally {
      execFileSync('umount', [under.temporary]);
    }
  }
});

/** Keeps the program from creating these files, as a full disk does. */
const unwritable = (...names: string[]) => names.map(name => `for directory in "$TMPDIR"/cdk-vast-*; do ln -s /no/such/directory "$directory/${name}"; done`).join('; ');

/** Ends every sleep(1) of the program, and prints how many there were. */
const KILL_SLEEPS = `
  killed=0
  for stat in /proc/[0-9]*/stat; do
    read -r line <"$stat" || continue
    case $line in *'(sleep) '*) ;; *) continue ;; esac
    pid=\${line%% *}
    set -- \${line##*) }
    read -r line <"/proc/$2/stat" || continue
    set -- \${line##*) }
    [ "$2" = "$PPID" ] && kill -KILL "$pid" && killed=$((killed + 1))
  done 2>/dev/null
  echo "$killed"`;

describe.each(shells.map(under => [under.name, under] as const))('what a command in %s does to the program:', (_name, under) => {
  test.each([
    ['its files cannot be written', unwritable('late', 'called', 'stopped')],
  ])('the time-out ends it when %s', async (_, damage) => {
    await expect(run(under, `${damage}; sleep 7511 & sleep 7511`, { timeoutSeconds: 3 })).rejects.toMatchObject({ fault: ExecFault.OUTPUT_FAILED });
    await eventually(() => expect(processesWith('sleep 7511')).toEqual([]));
  });

  test('its input arrives when the sign of the client cannot be written', async () => {
    let isDamaged!: () => void;
    const damaged = new Promise<void>((resolve) => { isDamaged = resolve; });
    const result = await run(under, `${unwritable('heard')}; echo begun >&2; cat`, {
      timeoutSeconds: 30,
      onStderr: () => isDamaged(),
      stdin: (async function* () {
        yield 'first ';
        await damaged;
        yield 'second';
      })(),
    });
    expect({ exitCode: result.exitCode, stdout: result.stdout.toString() }).toEqual({ exitCode: 0, stdout: 'first second' });
  });

  test('the time-out comes no sooner when its sleeps were ended', async () => {
    const result = await run(under, `${KILL_SLEEPS}; sleep 3`, { timeoutSeconds: 3600 });
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    expect(Number(result.stdout.toString())).toBeGreaterThan(0);
  });
});
