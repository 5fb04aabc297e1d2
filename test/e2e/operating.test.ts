import path from 'node:path';
import { ENGINE, eventually, ROOT, Scene, ZEEK } from './scene';
import { run } from '../../src/cli/run';
import { DeployedVast, ServerState, TaskKind } from '../../src/index';

const STACK = 'Operating';
const COUNT = `${ENGINE.clientCommand} 'export | where @name == "zeek.conn" | summarize n=count() | write_ndjson'`;
const IMPORT = `${ENGINE.clientCommand} 'load_stdin | decompress_gzip | read_zeek_tsv | import'`;

let scene: Scene;

/** `vast-cloud` as a process of its own, on the deployment of these tests. */
async function vastCloud(...args: string[]) {
  return run(process.execPath, [path.join(ROOT, 'bin', 'vast-cloud.js'), ...args, '--stack', STACK], { env: scene.env, capture: true });
}

/** What a shell line prints, in which `vast-cloud` is the command. */
async function shell(line: string) {
  return run('bash', ['-o', 'pipefail', '-c', line], { env: { ...scene.env, V: `${process.execPath} ${path.join(ROOT, 'bin', 'vast-cloud.js')}`, STACK }, capture: true });
}

async function done(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await vastCloud(...args);
  expect({ args, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ args, exitCode: 0, stderr: '' });
  return stdout.trim();
}

beforeAll(async () => {
  scene = await Scene.open('operating');
  await scene.deploy({ stack: STACK, client: 'true' });
});
afterAll(() => scene?.close());

describe('through the command line', () => {
  test('a server that runs is left as it is', async () => {
    const before = await done('get-vast-server');
    const { exitCode, stderr } = await vastCloud('start-vast-server');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(`the server was running already: ${before}`) });
    expect(JSON.parse(await done('describe-vast-server'))).toEqual({ task_id: before, ip: expect.stringMatching(/^\d+(\.\d+){3}$/), runtime_id: expect.any(String) });
  });

  test('run-lambda that waits for its input can be left', async () => {
    // It is interrupted when it has its handlers. Node.js itself catches SIGINT from its start, but not SIGHUP, the first bit.
    const waits = 'until [[ $(readlink /proc/$!/exe) == */node ]] && (( 0x$(sed -n "s/^SigCgt:[[:space:]]*//p" /proc/$!/status) & 1 )); do sleep 0.1; done';
    for (const args of ['--cmd -', '--stdin --cmd cat']) {
      const { exitCode, stderr } = await shell(`$V run-lambda --stack $STACK ${args} < <(exec sleep 30 2>/dev/null) & ${waits}; kill -INT $!; wait $!`);
      expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'interrupted; nothing was run\n' });
    }
  });

  test('run-lambda ends as the command does, and passes its output on to the byte', async () => {
    expect(await vastCloud('run-lambda', '--cmd', 'echo out; echo err >&2; exit 7')).toMatchObject({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    expect(await vastCloud('run-lambda', '--cmd', 'kill -9 $$')).toMatchObject({ exitCode: 137 });
    expect(await vastCloud('run-lambda', '--timeout', '5', '--cmd', 'echo begun; sleep 60')).toMatchObject({ exitCode: 124, stdout: 'begun\n' });
    const { stdout } = await shell('BYTES=\'printf "\\377\\0\\r\\n%.0s" {1..500000}\'; $V run-lambda --stack $STACK --cmd "$BYTES" | sha256sum; eval "$BYTES" | sha256sum');
    const [remote, here] = stdout.trim().split('\n');
    expect(remote).toBe(here);
  });

  test('a command comes from an argument, a file, S3 or standard input, and gets environment and input', async () => {
    expect(await done('run-lambda', '--cmd', 'printf %s "$A|$B"', '--env', 'A=x=y z', '--env', 'B=2')).toBe('x=y z|2');
    expect((await shell('echo "echo from stdin; exit 3" | $V run-lambda --stack $STACK --cmd -'))).toMatchObject({ exitCode: 3, stdout: 'from stdin\n' });
    expect((await shell('echo "echo from a file" > /tmp/script.$$; $V run-lambda --stack $STACK --cmd file:///tmp/script.$$; rm /tmp/script.$$')).stdout).toBe('from a file\n');
    expect((await shell(`$V run-lambda --stack $STACK --stdin --cmd '${IMPORT.replaceAll("'", "'\\''")}' < ${ZEEK.file}`))).toMatchObject({ exitCode: 0 });
    expect(JSON.parse(await done('run-lambda', '--cmd', COUNT))).toEqual({ n: ZEEK.events });
  });

  test('the result is JSON for machines', async () => {
    expect(JSON.parse(await done('run-lambda', '--json-output', '--cmd', 'echo hi'))).toMatchObject({ exitCode: 0, stdout: 'hi\n', stderr: '', timedOut: false });
  });

  test('a reader who has had enough ends it quietly', async () => {
    const { stdout, stderr } = await shell('set +o pipefail; $V run-lambda --stack $STACK --cmd "yes | head -c 20000000" | head -c 4');
    expect({ stdout, stderr }).toEqual({ stdout: 'y\ny\n', stderr: '' });
  });

  test('files go to the work bucket, to commands, and back', async () => {
    expect(await done('workbucket', 'upload', ZEEK.file, 'in/zeek.gz')).toMatch(/^s3:\/\/.*\/in\/zeek\.gz$/);
    expect(await done('workbucket', 'list', 'in/')).toContain('in/zeek.gz');
    expect((await shell(`$V workbucket download in/zeek.gz /tmp/zeek.$$ --stack $STACK --quiet && cmp /tmp/zeek.$$ ${ZEEK.file}; rm -f /tmp/zeek.$$`))).toMatchObject({ exitCode: 0, stderr: '' });
    await done('workbucket', 'delete', 'in/zeek.gz');
    expect(await vastCloud('workbucket', 'download', 'in/zeek.gz', '/tmp/nothing')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('in/zeek.gz') });
  });

  test('restart keeps the data; stop and start say what they find', async () => {
    const before = await done('get-vast-server');
    await done('restart-vast-server');
    expect(await done('get-vast-server')).not.toBe(before);
    expect(JSON.parse(await done('run-lambda', '--cmd', COUNT))).toEqual({ n: ZEEK.events });
    await done('stop-vast-server');
    expect(await vastCloud('stop-vast-server')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('stopped already') });
    expect(await vastCloud('get-vast-server')).toMatchObject({ exitCode: 8, stdout: '' });
    expect(JSON.parse(await done('vast-server-status', '--json'))).toMatchObject({ state: 'stopped', desiredCount: 0 });
    await done('start-vast-server');
    expect(await done('vast-server-status', '--ask')).toMatch(/^server +running\nengine +answers\n/);
  });

  test('a task beside the server is run, listed, and stopped with everything else', async () => {
    const extra = await done('run-vast-task', '--cmd-override', 'echo hello from $WHO; sleep 600', '--env', 'WHO=a task');
    const tasks = JSON.parse(await done('list-all-tasks', '--json')) as { taskId: string; kind: string; lastStatus: string }[];
    expect(tasks).toContainEqual(expect.objectContaining({ taskId: extra, kind: TaskKind.EXTRA, lastStatus: 'RUNNING' }));
    expect(await done('list-all-tasks')).toMatch(new RegExp(`${extra} +extra +RUNNING`));
    await eventually('its log', async () => (await done('logs', '--task', extra)).includes('hello from a task') || undefined);
    const { stderr } = await vastCloud('stop-all-tasks');
    expect(stderr).toContain(extra);
    expect((JSON.parse(await done('list-all-tasks', '--json')) as typeof tasks).filter(({ lastStatus }) => lastStatus !== 'STOPPED')).toEqual([]);
  });

  test('the log has its last lines, with their times where that is wanted', async () => {
    expect((await done('logs', '--last', '2')).split('\n')).toHaveLength(2);
    expect(await done('logs', '--last', '1', '--timestamps')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z /);
    expect(await done('logs', '--client', '--last', '3')).toContain('REPORT RequestId');
    expect(await done('logs', '--client')).not.toContain('perl: warning');
  });

  test.each([
    [['run-lambda', '--cmd', ' '], 'empty'],
    [['run-lambda', '--cmd', 'true', '--env', 'A'], 'NAME=VALUE'],
    [['start-vast-server', '--timeout', 'soon'], 'number of seconds'],
    [['logs', '--since', 'yesterday'], 'is no time'],
    [['workbucket', 'upload', '/no/such/file'], '/no/such/file'],
    [['vast-server-status', '--deployment', 'Other'], "has no deployment 'Other', but 'Vast'"],
  ])('%j is refused with a sentence', async (args, sentence) => {
    const { exitCode, stderr, stdout } = await vastCloud(...args);
    expect({ exitCode, stderr, stdout }).toEqual({ exitCode: 2, stderr: expect.stringContaining(sentence), stdout: '' });
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a stack that does not exist is said, with those that have a deployment', async () => {
    const { exitCode, stderr } = await run(process.execPath, [path.join(ROOT, 'bin', 'vast-cloud.js'), 'vast-server-status', '--stack', 'Nope'], { env: scene.env, capture: true });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(`there is no stack 'Nope' in this account and region (us-east-1); the stacks with a VastDeployment are '${STACK}'`) });
  });
});

test('the same through the classes that other languages have, too', async () => {
  const vast = new DeployedVast({ stackName: STACK });
  expect(await vast.server.status()).toMatchObject({ state: ServerState.STOPPED });
  expect(await vast.server.start()).toMatchObject({ alreadyRunning: false, engineAnswered: true });
  expect(await vast.server.start()).toMatchObject({ alreadyRunning: true });
  expect(await vast.client.run(COUNT)).toMatchObject({ exitCode: 0, stdout: `{"n":${ZEEK.events}}\n`, stdoutEncoding: 'utf8' });
  expect(await vast.client.run('cat; echo $A >&2; exit 5', { stdin: 'in', environment: { A: 'b' } })).toMatchObject({ exitCode: 5, stdout: 'in', stderr: 'b\n' });
  expect(await vast.client.run("printf '\\377'")).toMatchObject({ stdout: '/w==', stdoutEncoding: 'base64' });
  const { taskId } = await vast.server.describe();
  expect((await vast.server.tasks()).map(task => task.taskId)).toContain(taskId);
  expect(await vast.server.logs({ taskId, last: 1 })).toHaveLength(1);
  await vast.server.restart();
  expect(await vast.client.run(COUNT)).toMatchObject({ stdout: `{"n":${ZEEK.events}}\n` });
  await vast.server.stop();
  expect(await vast.server.stopAllTasks()).toEqual([]);
});
