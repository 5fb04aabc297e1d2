import { writeFileSync } from 'node:fs';
import { mkdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { AlteredChannel } from './altered-channel';
import { eventually, leftFiles, processesOf, processesWith, removeShells, run, session, shell } from './shells';
import { InvalidInputError } from '../../../../src/runtime/errors';
import { CommandNotStartedError, ExecFault, ExecOutcomeUnknownError, MissingProgramsError, runCaptured } from '../../../../src/runtime/exec/captured';
import { VirtualClock } from '../session/virtual-clock';

const dash = shell('dash', ['/bin/dash'], '/bin/sh');
afterAll(removeShells);

const failure = async (running: Promise<unknown>) => running.then(
  () => {
    throw new Error('it has not failed');
  },
  (error: Error) => error);

test('what a command prints arrives while it runs, byte by byte, and its exit code', async () => {
  const channel = session(dash, { cwd: '/usr' });
  const heard: Array<[string, string]> = [];
  // The command goes on when its first output is here.
  const arrived = join(dash.temporary, '../arrived');
  const hear = (stream: string) => (piece: Buffer) => {
    heard.push([stream, piece.toString('latin1')]);
    if (heard.some(([, text]) => text.includes('/usr'))) writeFileSync(arrived, '');
  };
  const result = await run(dash, `printf "\\377\\0\\r\\n"; echo "$A" >&2; pwd; until [ -e ${arrived} ]; do sleep 0.02; done; echo $0 $#; exit 3`, {
    env: { A: 'it\'s "quoted"\n😀\\' }, onStdout: hear('o'), onStderr: hear('e'), keepOutput: true,
  }, channel);
  expect(result).toMatchObject({ exitCode: 3, timedOut: false, sessionId: 'a-session', leftRunning: [], comparedBy: 'sha256sum', stdoutBytes: 14, stderrBytes: 20 });
  expect(result.stdout).toEqual(Buffer.from('\xff\0\r\n/usr\nsh 0\n', 'latin1'));
  expect(result.stderr.toString()).toBe('it\'s "quoted"\n😀\\\n');
  expect(heard.at(-1)).toEqual(['o', 'sh 0\n']);
  expect(result.durationMs).toBeGreaterThan(0);
  // The log of the session has the command as it was written, and nothing of its environment.
  expect(channel.screen).toContain('\nprintf "\\377\\0\\r\\n"; echo "$A" >&2; pwd; until [ -e ');
  expect(channel.screen).not.toContain('quoted');
  expect(leftFiles(dash)).toEqual([]);
});

test('the input reaches the command, and its end does', async () => {
  const input = Buffer.from(Array.from({ length: 1000 }, (_, i) => i % 256));
  const result = await run(dash, 'cat; echo end', {
    stdin: (async function* () {
      yield input.subarray(0, 10);
      yield input.subarray(10);
    })(),
  });
  expect(result.stdout).toEqual(Buffer.concat([input, Buffer.from('end\n')]));
});

test('an abort ends the command, and leaves nothing', async () => {
  const abort = new AbortController();
  const channel = session(dash);
  const error = await failure(run(dash, 'echo begun; sleep 7001 & sleep 7002', { signal: abort.signal, onStdout: () => abort.abort(new Error('enough')) }, channel));
  expect(error.message).toBe('enough');
  expect([...processesWith('sleep 7001'), ...processesWith('sleep 7002')]).toEqual([]);
  expect(leftFiles(dash)).toEqual([]);
  await eventually(() => expect(processesOf(dash)).toEqual([]));
});

test('a command of which nothing is seen any more is ended, and what it has printed is kept', async () => {
  const result = await run(dash, 'for i in 1 2 3 4; do echo $i; sleep 0.1; done; sleep 7005', { idleTimeoutSeconds: 4 });
  expect(result).toMatchObject({ timedOut: true, wasIdle: true });
  expect(result.stdout.toString()).toBe('1\n2\n3\n4\n');
  expect(processesWith('sleep 7005')).toEqual([]);
});

test('who takes its time with the output makes no command idle', async () => {
  const result = await run(dash, 'cat; echo end', {
    idleTimeoutSeconds: 2,
    stdin: (async function* () {
      yield 'early ';
      yield 'late ';
    })(),
    onStdout: async () => { await new Promise(resolve => setTimeout(resolve, 3000)); },
    keepOutput: true,
  });
  expect(result).toMatchObject({ timedOut: false, wasIdle: false, exitCode: 0 });
  expect(result.stdout.toString()).toBe('early late end\n');
});

describe('an input that gives nothing', () => {
  /** A source that has given something once, and whose next piece never comes. */
  async function* idle(first: string): AsyncGenerator<string> {
    yield first;
    await new Promise(() => undefined);
  }

  test('does not hold up the end of a command that has read enough', async () => {
    const result = await run(dash, 'head -1', { stdin: idle('first\nsecond\n') });
    expect(result).toMatchObject({ exitCode: 0, timedOut: false });
    expect(result.stdout.toString()).toBe('first\n');
  });

  test.each([['time-out', { timeoutSeconds: 4 }, false], ['idle time-out', { idleTimeoutSeconds: 4 }, true]])('does not hold up the %s', async (_, limit, wasIdle) => {
    const result = await run(dash, 'cat', { stdin: idle('begun'), ...limit });
    expect(result).toMatchObject({ timedOut: true, wasIdle });
    expect(result.stdout.toString()).toBe('begun');
  });

  test('does not hold up an abort', async () => {
    const abort = new AbortController();
    const error = await failure(run(dash, 'cat', { stdin: idle('begun'), signal: abort.signal, onStdout: () => abort.abort(new Error('enough')) }));
    expect(error.message).toBe('enough');
  });

  test('is let go of where it is a stream of Node.js', async () => {
    const stream = new PassThrough();
    stream.write('first\n');
    await run(dash, 'head -1', { stdin: stream });
    expect(stream.destroyed).toBe(true);
  });
});

describe('a container that was to stop the command, and does not say that it has', () => {
  /** Stops the program that would tell the end. */
  const SCRIPT = 'echo begun; kill -STOP $PPID; sleep 7008';

  test.each([['time-out', { timeoutSeconds: 40 }], ['idle time-out', { idleTimeoutSeconds: 40 }]])('is not waited for after the %s', async (_, limit) => {
    const clock = new VirtualClock();
    const channel = session(dash);
    let begin: () => void;
    const begun = new Promise<void>(resolve => begin = resolve);
    const ending = failure(runCaptured(channel, { script: SCRIPT, ...limit, onStdout: () => begin() }, clock));
    await begun;
    // The time itself, the grace period, and half a minute.
    await clock.advance((40 + 5 + 30) * 1000);
    const error = await ending;
    expect(error).toMatchObject({ name: 'ExecOutcomeUnknownError', fault: ExecFault.OVERDUE });
    expect(error.message).toContain('the command timed out, and the container has not said within 30 s that it was stopped: whether and how the command has ended is unknown');
    await channel.ended;
    await eventually(() => expect(processesWith('sleep 7008')).toEqual([]));
    expect(clock.pending).toBe(0);
  });

  test('is not accused while somebody takes the output', async () => {
    const clock = new VirtualClock();
    let begin: () => void;
    let take: () => void;
    const begun = new Promise<void>(resolve => begin = resolve);
    const taken = new Promise<void>(resolve => take = resolve);
    const running = runCaptured(session(dash), {
      script: 'echo begun; exit 3',
      timeoutSeconds: 3600,
      onStdout: async () => {
        begin();
        await taken;
      },
    }, clock);
    await begun;
    await clock.advance(2 * 3600 * 1000);
    take!();
    expect(await running).toMatchObject({ exitCode: 3, timedOut: false });
  });
});

test('whatever is wrong with a command is said at once, and its session is over', async () => {
  const channel = session(dash);
  const error = await failure(runCaptured(channel, {
    script: ' ', env: { 'A-B': '1' }, shell: 'bash', timeoutSeconds: 0, stdin: 7 as unknown as string,
  }));
  expect(error).toBeInstanceOf(InvalidInputError);
  for (const what of ['A-B', 'it is empty', "the shell is 'bash'", 'the time-out is 0', 'the standard input is neither']) {
    expect(error.message).toContain(what);
  }
  await channel.ended;
});

test('what a taker throws ends the command', async () => {
  const error = await failure(run(dash, 'echo begun; sleep 7003', { onStdout: () => Promise.reject(new Error('no room')) }));
  expect(error.message).toBe('no room');
  expect(processesWith('sleep 7003')).toEqual([]);
});

test('an abort is not held up by who takes the output', async () => {
  const abort = new AbortController();
  const error = await failure(run(dash, 'echo begun; sleep 7004', {
    signal: abort.signal,
    onStdout: async () => {
      setTimeout(() => abort.abort(new Error('enough')), 100);
      return new Promise(() => undefined);
    },
  }));
  expect(error.message).toBe('enough');
  expect(processesWith('sleep 7004')).toEqual([]);
});

test('a program that is missing is called by its name, and the command is not run', async () => {
  const few = shell('few', ['/bin/dash'], '/bin/sh', join(dash.temporary, '../few'));
  await rm(few.path, { recursive: true, force: true });
  await mkdir(few.path);
  for (const name of ['cat', 'cksum', 'date', 'dd', 'env', 'mkdir', 'rm', 'rmdir', 'sleep', 'stty', 'tr', 'wc']) {
    await symlink(`/usr/bin/${name}`, join(few.path, name));
  }
  const error = await failure(run(few, 'echo no'));
  expect(error).toBeInstanceOf(MissingProgramsError);
  expect(error.message).toContain('the container has no base64, mkfifo, tee:');
  await rm(join(few.path, 'stty'));
  expect(await failure(run(few, 'echo no'))).toMatchObject({ programs: ['stty'] });
});

test('a container that has no such shell', async () => {
  const error = await failure(run(dash, 'echo no', { shell: '/bin/no-such-shell' }));
  expect(error).toMatchObject({ name: 'MissingProgramsError', programs: ['/bin/no-such-shell'] });
  expect(error.message).toBe('the container has no shell /bin/no-such-shell, and the command was not run: give the path of one that is in the image, such as /bin/sh');
});

test('a session that is over at once tells what the terminal has shown', async () => {
  const error = await failure(run(dash, 'echo no', {}, session({ ...dash, words: ['/bin/sh', '-c', 'echo "exec: no such container"; exit 1', '--'] })));
  expect(error).toBeInstanceOf(CommandNotStartedError);
  expect(error.message).toBe('the session was over before the command was run: exec: no such container');
});

/** A run of `echo output; exit 0`, of which something else arrives. */
async function altered(alter: (line: string) => string): Promise<Error> {
  return failure(runCaptured(new AlteredChannel(session(dash), alter), { script: 'echo output; exit 0' }));
}

const OUTPUT = Buffer.from('output\n').toString('base64');

test.each<[string, (line: string) => string, ExecFault, string]>([
  ['other output', line => line.replace(OUTPUT, Buffer.from('outpuT\n').toString('base64')), ExecFault.DAMAGED, 'the output did not arrive as it was sent'],
  ['output that is no base64', line => line.replace(OUTPUT, OUTPUT.replace('=', '!')), ExecFault.DAMAGED, 'is not base64'],
  ['output without its frame', line => line.replace(/^\w+ 3 o .*/, ''), ExecFault.DAMAGED, 'frame 3 is missing'],
  ['no end', line => line.replace(/^\w+ \d+ end .*/, ''), ExecFault.SESSION_OVER, 'the session was over before the command, after 7 bytes of stdout'],
  ['an end without a code', line => line.replace(/ end \d+/, ' end x'), ExecFault.DAMAGED, 'the end says nothing'],
  ['an end of something else', line => line.replace(/ end 0 ended/, ' end 0 whatever'), ExecFault.DAMAGED, 'the end says nothing'],
  ['an end that does not know us', line => line.replace(/^\w(\w+ \d+ end )/, '!$1'), ExecFault.SESSION_OVER, 'the session was over before the command'],
  ['an end with another sum', line => line.replace(/ ended 7 \w/, ' ended 7 g'), ExecFault.DAMAGED, 'the output did not arrive as it was sent: 7 bytes of 7'],
  ['a frame of no kind', line => line.replace(/ 3 o .*/, ' 3 z:.'), ExecFault.DAMAGED, 'there is no frame "z"'],
  ['a fault of the disk', line => line.replace(/ 3 o .*/, ' 3 f:.'), ExecFault.OUTPUT_FAILED, 'is its disk full'],
])('%s is no success', async (_, alter, fault, words) => {
  const error = await altered(alter);
  expect(error).toBeInstanceOf(ExecOutcomeUnknownError);
  expect(error).toMatchObject({ fault });
  expect(error.message).toContain(words);
});

test('a carriage return before each line feed does no harm', async () => {
  const result = await runCaptured(new AlteredChannel(session(dash), line => line.replace('\n', '\r\n')), { script: 'echo output' });
  expect(result.stdout.toString()).toBe('output\n');
});

test('a program that arrives damaged is not run', async () => {
  const channel = session(dash);
  const write = channel.write.bind(channel);
  channel.write = async data => write(Buffer.from(Buffer.from(data).toString('latin1').replace('umask 077', 'umask 070'), 'latin1'));
  expect((await failure(run(dash, 'echo no', {}, channel))).message).toContain('did not arrive as it was sent, and was not run');
});

test('a command that arrives damaged is not run', async () => {
  const channel = session(dash);
  const write = channel.write.bind(channel);
  const [from, to] = ['echo no echo no', 'echo oh echo oh'].map(text => Buffer.from(text).toString('base64'));
  channel.write = async data => write(Buffer.from(Buffer.from(data).toString('latin1').replace(from.slice(4, 12), to.slice(4, 12)), 'latin1'));
  const outcome = await run(dash, 'echo no echo no echo no echo no', {}, channel).catch((error: Error) => error);
  expect((outcome as Error).message).toContain('did not arrive as it was sent, and was not run');
});
