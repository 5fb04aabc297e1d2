import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ended, ExecWorld, PROGRAM } from './exec-world';
import { PseudoTerminal } from '../../runtime/exec/interactive/pseudo-terminal';

let world: ExecWorld;
beforeEach(async () => { world = await ExecWorld.open(); });
afterEach(() => world.close());

const execute = async (...args: string[]) => world.run('execute-command', ...args);

/** What the script of the command follows in a line of the shell. */
const X = '$V execute-command --cmd';

test('a command is run, and its end is that of the program', async () => {
  expect(await execute('--cmd', 'echo out; echo err >&2; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
});

describe('before a session is opened', () => {
  test.each([
    [['--shell', 'bash'], "the shell is 'bash': give the absolute path of one, such as /bin/bash"],
    [['--shell', ''], "the shell is ''"],
    [['--env', 'A-B=1'], 'env has the name "A-B"'],
  ])('%j is refused', async (args, words) => {
    const { exitCode, stderr } = await execute(...args, '--cmd', 'echo hi');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(words) });
    expect(world.sessions).toEqual([]);
  });

  test('all that is wrong is said at once', async () => {
    const { exitCode, stderr } = await execute('--shell', 'bash', '--env', 'A-B=1', '--cmd', 'echo hi');
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/A-B.*; the shell is 'bash'/);
  });

  test.each(['0.4', '0', 'x'])('a time-out of %s is explained', async (seconds) => {
    const { exitCode, stderr } = await execute('--timeout', seconds, '--cmd', 'echo hi');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('It has to be a whole number of seconds, 1 or more.') });
  });
});

test('a shell that is not there is named, and the session is over', async () => {
  expect(await execute('--shell', '/nope', '--cmd', 'echo hi')).toEqual({
    exitCode: 1, stdout: '', stderr: 'vast-cloud: the container has no shell /nope, and the command was not run: give the path of one that is in the image, such as /bin/sh\n',
  });
  await world.sessions[0];
});

describe('an input that gives nothing any more', () => {
  test('does not hold up the end of a command that has read enough, on a pipe', async () => {
    expect(await world.line(`{ echo $BASHPID >pid; echo first; exec sleep 3600; } | { ${X} "head -1" --stdin; echo $?; kill $(cat pid); }`)).toMatchObject({
      stdout: 'first\n0\n', stderr: '',
    });
  });

  test('does not hold up the time-out, on a named pipe', async () => {
    expect(await world.line(`mkfifo fifo; exec 3<>fifo; ${X} cat --stdin --timeout 1 <fifo`)).toEqual({
      exitCode: 124, stdout: '', stderr: 'vast-cloud: the command timed out, and was stopped\n',
    });
  });

  test('does not hold up the time-out, at a terminal', async () => {
    const terminal = await PseudoTerminal.open(process.execPath, [PROGRAM, 'execute-command', '--cmd', 'cat', '--stdin', '--timeout', '1'], world.env);
    const { exit } = await terminal.ended();
    expect({ exit, shown: terminal.shown }).toEqual({ exit: 124, shown: expect.stringContaining('the command timed out, and was stopped') });
    await terminal.close();
  });

  test('does not hold up an interruption', async () => {
    const client = world.start(['execute-command', '--cmd', 'echo begun; cat', '--stdin'], ['pipe', 'pipe', 'pipe']);
    client.stdout!.once('data', () => client.kill('SIGINT'));
    expect(await ended(client)).toMatchObject({ exitCode: 130, stderr: 'interrupted; the command was ended, with all that it had started\n' });
    await world.sessions[0];
  });

  test.each([
    ['execute-command', '--cmd -'], ['run-lambda', '--cmd -'], ['run-lambda', '--stdin --cmd cat'],
  ])('does not hold up the time-out of %s %s', async (command, options) => {
    expect(await world.line(`mkfifo fifo; exec 3<>fifo; $V ${command} ${options} --timeout 1 <fifo`)).toEqual({
      exitCode: 124, stdout: '', stderr: 'vast-cloud: standard input did not end within the 1 s of --timeout, and nothing was run\n',
    });
    expect(world.sessions).toEqual([]);
  });

  test.each(['execute-command', 'run-lambda'])('does not hold up an interruption of %s, where the command is in a pipe', async (command) => {
    expect(await world.line(`mkfifo fifo; $V ${command} --cmd file://$PWD/fifo & exec 3>fifo; kill -INT $!; wait $!`)).toEqual({
      exitCode: 130, stdout: '', stderr: 'interrupted; nothing was run\n',
    });
  });
});

describe('--timeout bounds the reading of a command', () => {
  test.each(['execute-command', 'run-lambda'])('from a named pipe, by %s', async (command) => {
    expect(await world.line(`mkfifo fifo; exec 3<>fifo; $V ${command} --cmd file://$PWD/fifo --timeout 1; code=$?; rm fifo; exit $code`)).toEqual({
      exitCode: 124, stdout: '', stderr: expect.stringMatching(/^vast-cloud: file:.*\/fifo did not end within the 1 s of --timeout, and nothing was run\n$/),
    });
  });

  test.each(['execute-command', 'run-lambda'])('from S3, by %s', async (command) => {
    await world.close();
    world = await ExecWorld.open();
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    try {
      const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
      expect(await world.line(`AWS_ENDPOINT_URL_S3=${url} $V ${command} --cmd s3://bucket/key --timeout 1`)).toEqual({
        exitCode: 124, stdout: '', stderr: 'vast-cloud: s3://bucket/key did not end within the 1 s of --timeout, and nothing was run\n',
      });
    } finally {
      silent.close();
      silent.closeAllConnections();
    }
  });

  test('from a terminal', async () => {
    const terminal = await PseudoTerminal.open(process.execPath, [PROGRAM, 'execute-command', '--cmd', 'file:///dev/tty', '--timeout', '1'], world.env);
    const { exit } = await terminal.ended();
    expect({ exit, shown: terminal.shown }).toEqual({ exit: 124, shown: expect.stringContaining('file:///dev/tty did not end within the 1 s') });
    await terminal.close();
  });
});

test('a command is read from a pipe', async () => {
  expect((await world.line('$V execute-command --cmd file://<(echo "echo piped")')).stdout).toBe('piped\n');
});

test('a named pipe is not uploaded', async () => {
  const { exitCode, stderr } = await world.line('mkfifo fifo; $V workbucket upload fifo');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('fifo is no regular file: copy its content to one') });
});

describe('output that cannot be written', () => {
  test('ends the command, on a full disk', async () => {
    expect(await world.line(`${X} "yes 7011" >/dev/full`)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'vast-cloud: standard output cannot be written: no space left on device (ENOSPC); the command was ended, with all that it had started\n',
    });
    await world.sessions[0];
    expect(world.leftFiles()).toEqual([]);
  });

  test('ends the command when standard error is on a full disk', async () => {
    expect(await world.line(`${X} "yes 7012 >&2" 2>/dev/full`)).toEqual({ exitCode: 1, stdout: '', stderr: '' });
    await world.sessions[0];
  });

  test('ends the command when nobody reads standard error', async () => {
    expect(await world.line(`${X} "yes 7013 >&2" 2> >(head -1 >&2)`)).toEqual({ exitCode: 141, stdout: '', stderr: '7013\n' });
    await world.sessions[0];
  });

  test('is said of a command that has ended by itself', async () => {
    expect(await world.line(`${X} "exit 3" --json-output >/dev/full`)).toEqual({
      exitCode: 1,
      stdout: '',
      stderr: 'vast-cloud: standard output cannot be written: no space left on device (ENOSPC); the command had ended with exit code 3\n',
    });
  });

  test.each([
    ['--help', ''], ['completion bash', ''], ['--list', ''], ['logs', ''],
    ['run-lambda --cmd x', '; the command (goes on in AWS until it ends or the time of the function is over|had ended with exit code 0)'],
    ['run-lambda --cmd x --json-output', '; the command had ended with exit code 0'],
  ])('is said by %s', async (args, end) => {
    await world.close();
    world = await ExecWorld.open({
      Invoke: () => ({ stdout: 'printed' }),
      FilterLogEvents: () => ({ events: [{ eventId: '1', timestamp: Date.now(), message: 'logged', logStreamName: 's' }] }),
    });
    expect(await world.line(`$V ${args} >/dev/full`)).toEqual({
      exitCode: 1, stdout: '', stderr: expect.stringMatching(`^vast-cloud: standard output cannot be written: no space left on device \\(ENOSPC\\)${end}\n$`),
    });
  });
});

describe('a reader that has gone is noticed', () => {
  test('although there is nothing to write, and the command is ended', async () => {
    expect(await world.line(`${X} "echo one; sleep 7014" | head -1; echo \${PIPESTATUS[0]}`)).toEqual({ exitCode: 0, stdout: 'one\n141\n', stderr: '' });
    await world.sessions[0];
  });

  test('when a log is followed', async () => {
    await world.close();
    world = await ExecWorld.open({
      FilterLogEvents: () => ({ events: [{ eventId: '1', timestamp: Date.now(), message: 'logged', logStreamName: 's' }] }),
    });
    expect(await world.line('$V logs --follow | head -1; echo ${PIPESTATUS[0]}')).toEqual({ exitCode: 0, stdout: 'logged\n141\n', stderr: '' });
  });
});
