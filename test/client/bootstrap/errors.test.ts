import { RunningBootstrap } from './running-bootstrap';

let bootstrap: RunningBootstrap;
beforeAll(async () => bootstrap = await RunningBootstrap.start());
afterAll(() => bootstrap.stop());
afterEach(async () => expect(await bootstrap.run('echo alive')).toMatchObject({ stdout: 'alive\n' }));

test.each([
  ['an empty command', { cmd: '' }, ['cmd is empty']],
  ['several things at once', { cmd: 1, stream: 'yes', environment: {}, env: { 'a=b': 'c' } }, [
    'it has no field "environment"', 'cmd must be a string, not a number', 'stream must be true or false, not a string', 'env has the name "a=b"',
  ]],
  ['no event', null, ['it must be an object with the field cmd, not null']],
])('%s is an error that says so', async (_, event, problems) => {
  const failure = await bootstrap.fail(event);
  expect(failure.errorType).toBe('InvalidEvent');
  problems.forEach(problem => expect(failure.errorMessage).toContain(problem));
});

test('a payload that is no JSON is an error', async () => {
  expect(await bootstrap.fail(undefined, { payload: '{"cmd": ' })).toMatchObject({ errorType: 'InvalidEvent' });
});

test('an environment that Linux does not take with the command is an error of the command', async () => {
  const env = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`V${index}`, 'x'.repeat(100_000)]));
  const { exitCode, stderr } = await bootstrap.run({ cmd: 'ulimit -s 1024; echo $V0 | wc -c; /bin/true', cmdEncoding: 'utf8', env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 126, stderr: expect.stringContaining('Argument list too long') });
});

test('an exit code that is to be an error is one, with the result', async () => {
  const failure = await bootstrap.fail({ cmd: 'echo out; echo first >&2; echo last words >&2; exit 3', cmdEncoding: 'utf8', failOnNonZero: true });
  expect(failure).toMatchObject({
    errorType: 'NonZeroExit',
    errorMessage: 'the command ended with exit code 3: last words',
    result: { exitCode: 3, stdout: 'out\n', stderr: 'first\nlast words\n' },
  });
});

test('a signal or the deadline is as much an error as an exit code', async () => {
  const event = { cmdEncoding: 'utf8', failOnNonZero: true };
  expect(await bootstrap.fail({ ...event, cmd: 'kill -9 $$' })).toMatchObject({ errorMessage: 'the command was ended by SIGKILL' });
  expect(await bootstrap.fail({ ...event, cmd: 'sleep 300' }, { timeout: 1500 }))
    .toMatchObject({ errorMessage: 'the command timed out, and was stopped' });
});

test('an error carries no more of the output than errors may', async () => {
  const answer = await bootstrap.invoke({ cmd: 'head -c 5000000 /dev/zero | tr "\\0" x; exit 1', cmdEncoding: 'utf8', failOnNonZero: true });
  expect(answer.body.length).toBeLessThan(256 * 1024);
  expect(JSON.parse(answer.body.toString())).toMatchObject({ result: { stdoutBytes: 5_000_000, truncated: true } });
});

test('a command that succeeds is no error', async () => {
  expect(await bootstrap.run({ cmd: 'echo fine', cmdEncoding: 'utf8', failOnNonZero: true })).toMatchObject({ exitCode: 0, stdout: 'fine\n' });
});

test.each([[true, false], [false, true], [true, true]])('a Runtime API that answers in chunks (%s) or closes connections (%s)', async (chunked, closing) => {
  Object.assign(bootstrap.api, { chunked, closing });
  try {
    await bootstrap.run('true');
    for (const size of [10, 70_000, 1_000_000]) {
      const result = await bootstrap.run({ cmd: 'wc -c', cmdEncoding: 'utf8', stdin: 'ä'.repeat(size) });
      expect(result.stdout).toBe(`${2 * size}\n`);
    }
  } finally {
    Object.assign(bootstrap.api, { chunked: false, closing: false });
  }
});

test('a launcher that cannot work is an error of the initialization', async () => {
  const other = await RunningBootstrap.start({ CDK_VAST_SCRATCH_DIRECTORY: '/nonexistent' });
  try {
    await other.exited;
    expect(other.complaints).toContain('cannot enter /nonexistent');
    expect(other.process.exitCode).toBe(1);
  } finally {
    await other.stop();
  }
});
