import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { eventually, forgetFiles, leftFiles, processesOf, processesWith, removeShells, run, session, shellsUnderTest } from './shells';
import { ExecOutcomeUnknownError } from '../../../../src/runtime/exec/captured';
import { MemoryWatch } from '../../../held-memory';

jest.setTimeout(120_000);

const shells = shellsUnderTest();
const [dash] = shells;
afterAll(removeShells);
// Whatever a run was, it leaves nothing.
afterEach(async () => {
  try {
    await eventually(() => expect([...shells.flatMap(leftFiles), ...shells.flatMap(processesOf)]).toEqual([]));
  } finally {
    // What one test has left is not to be found by the next.
    shells.forEach(forgetFiles);
  }
});

/** So many at a time that it is over some day, and so few that nobody starves. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  await Promise.all(Array.from({ length: 4 }, async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  }));
}

const sha256 = (data: Buffer | string) => createHash('sha256').update(data).digest('hex');

// All of them, in one shell, are in test/e2e/captured.test.ts.
test('exit codes, several at a time', async () => {
  const codes = [0, 1, 2, 63, 64, 100, 124, 126, 127, 128, 129, 130, 137, 143, 200, 254, 255];
  await each(shells.flatMap(under => codes.map(code => [under, code] as const)), async ([under, code]) => {
    expect((await run(under, `exit ${code}`)).exitCode).toBe(code);
  });
});

describe.each(shells.map(under => [under.name, under] as const))('in %s', (name, under) => {
  test.each<[string, string, number, string?]>([
    ['the last command', 'true; false', 1],
    ['an exit in parentheses', '(exit 3); echo $?; exit 4', 4, '3\n'],
    ['set -e', 'set -e; false; echo no', 1],
    ['exec', 'exec sh -c "exit 9"', 9],
    ['return', 'return 12', 12],
    ['a trap', 'trap "echo bye; exit 7" EXIT; exit 2', 7, 'bye\n'],
    ['SIGKILL', 'kill -9 $$; echo still', 137],
    ['SIGTERM', 'kill -TERM $$; echo still', 143],
    ['SIGINT', 'kill -INT $$; echo still', 130],
    ['SIGHUP', 'kill -HUP $$; echo still', 129],
    ['SIGPIPE', 'kill -PIPE $$; echo still', 141],
    ['SIGSEGV of a child', 'ulimit -c 0; sh -c "kill -SEGV \\$\\$"', 139],
    ['what is not there', 'no-such-program', 127],
    ['what is no program', '/etc/passwd', 126],
    ['an error in the middle', 'echo begun\nif then (', 2, 'begun\n'],
    ['what it does to its parent', 'kill -0 $PPID && echo parent', 0, 'parent\n'],
  ])('the exit code of %s', async (_, script, exitCode, stdout = '') => {
    const result = await run(under, script);
    expect({ exitCode: result.exitCode, stdout: result.stdout.toString() }).toEqual({ exitCode, stdout });
  });

  test('the environment is that of the container, and nothing else', async () => {
    const result = await run(under, 'env; echo; umask; pwd; echo "$0 $#"; ls /proc/self/fd | tr "\n" " "; echo; tty; echo seen >/dev/stderr; (echo x >/dev/tty) 2>/dev/null || echo no terminal',
      { env: { MINE: 'a b' } }, session(under, { cwd: '/usr' }));
    const [variables, rest] = result.stdout.toString().split('\n\n');
    const names = variables.split('\n').map(line => line.split('=')[0]).filter(variable => !['_', 'SHLVL', 'OLDPWD'].includes(variable));
    expect(names.sort()).toEqual(['HOME', 'MINE', 'PATH', 'PWD', 'TMPDIR']);
    const [umask, cwd, zero, descriptors, ...last] = rest.split('\n');
    expect([Number.parseInt(umask, 8), cwd, zero]).toEqual([process.umask(), '/usr', `${name === 'busybox' ? 'sh' : name} 0`]);
    // The last one is that of ls, which looks. What the test itself has inherited goes on to all.
    expect(descriptors).toBe(execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).replaceAll('\n', ' '));
    expect(last).toEqual(['not a tty', 'no terminal', '']);
    expect(result.stderr.toString()).toBe('seen\n');
  });

  test('no signal is ignored that the shell does not ignore by itself', async () => {
    const { stdout } = await run(under, 'exec sh -c \'cat /proc/self/status\'');
    const ignored = BigInt(`0x${/SigIgn:\s*(\w+)/.exec(stdout.toString())![1]}`);
    // BusyBox ignores SIGQUIT always.
    expect([0n, 4n]).toContain(ignored);
  });

  test('commands and environments of all kinds arrive as they were sent', async () => {
    const nasty = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom('\'', '"', '\\', '\n', '\r', '$', '`', '😀', 'é', ' ', '\t', '%', '\u0003', '\u0004', '\u001a', '\u007f', '!', '*') }))
      .filter(text => !text.includes('\0') && !/\p{Surrogate}/u.test(text));
    const shown = 'printf "%s" "$A_1"';
    await fc.assert(fc.asyncProperty(nasty, nasty, async (value, text) => {
      const quoted = `'${text.replaceAll('\'', '\'\\\'\'')}'`;
      const result = await run(under, `${shown}; printf '%s' ${quoted} >&2`, { env: { A_1: value } });
      expect([result.exitCode, result.stdout.toString(), result.stderr.toString()]).toEqual([0, value, text]);
    }), { numRuns: 25 });
  });

  test('names that shells keep for themselves are variables like any other', async () => {
    const env = { UID: 'mine', PPID: 'x', OPTIND: '3', IFS: ',', cdkv_dir: '/', ENV: '/no/such', n: '1' };
    const { stdout } = await run(under, 'cat /proc/$$/environ', { env });
    const seen = stdout.toString().split('\0');
    expect(seen).toEqual(expect.arrayContaining(Object.entries(env).map(([variable, value]) => `${variable}=${value}`)));
  });

  test('a script of 200 kB', async () => {
    const lines = Array.from({ length: 4000 }, (_, i) => `: 'line ${i} of a script that is a bit longer than others are'`);
    const script = `${lines.join('\n')}\nwc -c < "$SCRIPT_LENGTH_IS"; echo ${'x'.repeat(1000)} | wc -c; exit 21`;
    expect(script.length).toBeGreaterThan(200_000);
    const result = await run(under, script, { env: { SCRIPT_LENGTH_IS: '/dev/null', LONG: 'y'.repeat(100_000) } });
    expect([result.exitCode, result.stdout.toString().replace(/ /g, '')]).toEqual([21, '0\n1001\n']);
  });

  test('output comes when it is written, however little it is', async () => {
    let heard = 0;
    // Each byte but the first is written after the one before it has arrived here.
    const arrived = join(under.temporary, '..', `arrived-${under.name}`);
    const { exitCode } = await run(under, `for i in 1 2 3; do printf .; until [ -e ${arrived}-$i ]; do sleep 0.1; done; done`, {
      onStdout: () => writeFileSync(`${arrived}-${heard += 1}`, ''),
    });
    expect({ exitCode, heard }).toEqual({ exitCode: 0, heard: 3 });
  });

  test('a burst is not held back by the silence after it', async () => {
    let bytes = 0;
    const arrived = join(under.temporary, '..', `arrived-${under.name}-burst`);
    // The silence ends when all of the burst is here.
    const { exitCode } = await run(under, `dd if=/dev/zero bs=1000 count=3000 2>/dev/null; until [ -e ${arrived} ]; do sleep 0.1; done`, {
      onStdout: (piece) => {
        bytes += piece.length;
        if (bytes === 3_000_000) writeFileSync(arrived, '');
      },
    });
    expect({ exitCode, bytes }).toEqual({ exitCode: 0, bytes: 3_000_000 });
  });

  test('20 MB of input, which come out as they went in', async () => {
    const input = Buffer.alloc(20_000_000);
    for (let i = 0; i < input.length; i += 4) {
      input.writeUInt32LE((i * 2654435761) % 2 ** 32, i);
    }
    const result = await run(under, 'cat', { stdin: input, onStdout: () => undefined });
    expect([result.exitCode, result.stdoutBytes, result.stdoutSha256]).toEqual([0, input.length, sha256(input)]);
  });

  test('input that is not read, or not all of it, does not hold up the end', async () => {
    const stdin = Buffer.alloc(5_000_000, 'line\n');
    expect((await run(under, 'echo done', { stdin })).stdout.toString()).toBe('done\n');
    expect((await run(under, 'head -c 5; sleep 1', { stdin })).stdout.toString()).toBe('line\n');
    expect((await run(under, 'exec <&-; sleep 1; echo closed', { stdin })).stdout.toString()).toBe('closed\n');
  });

  test('those who are left behind are waited for, and then named', async () => {
    const patient = await run(under, '(sleep 1; echo late) & echo early');
    expect([patient.stdout.toString(), patient.leftRunning]).toEqual(['early\nlate\n', []]);
    const left = await run(under, 'echo $$; exec sh -c "sleep 7101 & echo \\$! >&2"', { graceSeconds: 1 });
    expect(left.exitCode).toBe(0);
    expect(left.leftRunning).toEqual([{ pid: Number(left.stderr.toString()), command: 'sleep 7101' }]);
    process.kill(left.leftRunning[0].pid);
    // One that holds nothing is none of our business, and is left alone.
    const daemon = await run(under, 'sleep 7102 >/dev/null 2>&1 & echo $!');
    expect([daemon.leftRunning, processesWith('sleep 7102')]).toEqual([[], ['sleep 7102 ']]);
    process.kill(Number(daemon.stdout.toString()));
  });

  test('a time-out ends all that was started, at last by SIGKILL', async () => {
    const polite = await run(under, 'trap "echo bye; exit 3" TERM; sleep 7201 & while :; do sleep 1; done', { timeoutSeconds: 4 });
    expect([polite.timedOut, polite.exitCode, polite.stdout.toString()]).toEqual([true, 3, 'bye\n']);
    const stubborn = await run(under, 'trap "" TERM; sleep 7202 & (setsid sh -c "trap : TERM; while :; do sleep 7; done") & while :; do sleep 1; done', { timeoutSeconds: 4 });
    expect([stubborn.timedOut, stubborn.exitCode]).toEqual([true, 137]);
    expect([...processesWith('sleep 7'), ...processesWith('sleep 720')]).toEqual([]);
  });

  test('the end of the session ends the command, however it comes', async () => {
    for (const [how, word] of [['terminate', 'sleep 7301'], ['hangUp', 'sleep 7302'], ['killGroup', 'sleep 7303'], ['hangUpSignal', 'sleep 7304']] as const) {
      const channel = session(under);
      const running = run(under, `echo begun; (${word}) & setsid ${word} & ${word}; echo no`, { onStdout: () => void channel[how]() }, channel);
      await expect(running).rejects.toThrow(ExecOutcomeUnknownError);
      await eventually(() => expect(processesWith(word)).toEqual([]));
    }
  });

  test('the end of the session before the command has begun leaves nothing', async () => {
    for (const wait of [50, 100, 150, 200, 250, 300]) {
      const channel = session(under);
      setTimeout(() => void channel.terminate(), wait);
      await run(under, 'sleep 7401', {}, channel).catch(() => undefined);
    }
    await eventually(() => expect([...leftFiles(under), ...processesWith('sleep 7401'), ...processesOf(under)]).toEqual([]));
  });
});

test('what goes to both streams is all there, and in order within each', async () => {
  const result = await run(dash, 'i=0; while [ $i -lt 3000 ]; do echo "out $i"; echo "err $i" >&2; i=$((i+1)); done');
  const lines = (word: string) => Array.from({ length: 3000 }, (_, i) => `${word} ${i}\n`).join('');
  expect(result.stdout.toString() === lines('out') && result.stderr.toString() === lines('err')).toBe(true);
});

test('who is slow to take the output makes the command wait', async () => {
  const began = performance.now();
  let taken = 0;
  const result = await run(dash, 'dd if=/dev/zero bs=64k count=480 2>/dev/null', {
    onStdout: async (piece) => {
      taken += piece.length;
      await sleep(20);
    },
  });
  expect([taken, result.stdoutBytes]).toEqual([480 * 65536, 480 * 65536]);
  expect(performance.now() - began).toBeGreaterThan(1000);
});

test('100 MB, the same at both ends, in bounded memory', async () => {
  const channel = session(dash, { remember: false });
  const hash = createHash('sha256');
  const memory = new MemoryWatch();
  // Noise, and then what can be compressed; the sum of it all on the other stream.
  const result = await run(dash, `
    mkfifo "$TMPDIR/sum"
    sha256sum <"$TMPDIR/sum" >&2 &
    { head -c 50000000 /dev/urandom; i=0; while [ $i -lt 50 ]; do yes "2026-11-27 an event of no importance $i" | head -c 1000000; i=$((i+1)); done; } | tee "$TMPDIR/sum"
    wait
    rm "$TMPDIR/sum"`, {
    onStdout: (piece) => {
      hash.update(piece);
      memory.take(piece.length);
    },
  }, channel);
  expect([result.exitCode, result.stdoutBytes]).toEqual([0, 100_000_000]);
  expect(result.stderr.toString().split(' ')[0]).toBe(hash.digest('hex'));
  expect(memory.most).toBeLessThan(40_000_000);
});
