import { createHash, randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually, ROOT, Scene } from './scene';
import { run } from '../../src/cli/run';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { DeployedVast } from '../../src/index';
import { ExecNotEnabledError, ExecOutcomeUnknownError, TaskEndedError } from '../../src/runtime/exec';
import { RunTaskWait, Server } from '../../src/runtime/server';
import { PseudoTerminal } from '../runtime/exec/interactive/pseudo-terminal';

const STACK = 'Execute';
const BIN = path.join(ROOT, 'bin', 'vast-cloud.js');

let scene: Scene;
let deployment: DeploymentOutput;
let server: Server;
let terminal: PseudoTerminal | undefined;

beforeAll(async () => {
  scene = await Scene.open('execute');
  deployment = await scene.deploy({ stack: STACK });
  server = new Server(scene.connection, deployment);
  await server.start({ timeoutSeconds: 180 });
});
afterAll(() => scene?.close());
afterEach(() => terminal?.close());

/** `vast-cloud execute-command` as a process of its own. */
async function execute(...args: string[]) {
  return run(process.execPath, [BIN, 'execute-command', '--stack', STACK, ...args], { env: scene.env, capture: true });
}

/** What a shell line prints, in which `$V` is the command. */
async function shell(line: string) {
  return run('bash', ['-o', 'pipefail', '-c', line], { env: { ...scene.env, V: `${process.execPath} ${BIN} execute-command --stack ${STACK}` }, capture: true });
}

const sha256 = (data: Buffer) => createHash('sha256').update(data).digest('hex');

describe('one command', () => {
  test('runs in the container of the server, and ends as it does', async () => {
    const { taskId } = await server.describe();
    expect(await execute('--cmd', 'echo out; echo err >&2; cat /proc/1/cmdline >/dev/null; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
    expect((await execute('--cmd', 'echo "$GREETING"')).stdout).toBe('hello\n');
    expect(await execute('--cmd', 'kill -9 $$')).toMatchObject({ exitCode: 137 });
    expect((await execute('--task', taskId, '--container', 'engine', '--cmd', 'exit 255')).exitCode).toBe(255);
  });

  test('passes its output on to the byte', async () => {
    const { stdout } = await shell('BYTES=\'head -c 300000 /dev/zero | tr "\\0" "\\377"; printf "a\\r\\n\\0\\357\\277\\275"\'; $V --cmd "$BYTES" | sha256sum; eval "$BYTES" | sha256sum');
    const [remote, here] = stdout.trim().split('\n');
    expect(remote).toBe(here);
  });

  test('gets its script from a file or standard input, environment, and standard input', async () => {
    expect(await execute('--cmd', 'printf %s "$A|$B"', '--env', 'A=x=y z', '--env', 'B=ü\n2')).toMatchObject({ exitCode: 0, stdout: 'x=y z|ü\n2' });
    expect(await shell('echo "echo from stdin; exit 3" | $V --cmd -')).toMatchObject({ exitCode: 3, stdout: 'from stdin\n' });
    const script = path.join(tmpdir(), `vast-script-${process.pid}`);
    writeFileSync(script, `# ${'x'.repeat(200_000)}\necho from a long file\n`);
    expect((await execute('--cmd', `file://${script}`)).stdout).toBe('from a long file\n');
    const input = randomBytes(300_000);
    writeFileSync(script, input);
    expect((await shell(`$V --stdin --cmd sha256sum < ${script}`)).stdout).toBe(`${sha256(input)}  -\n`);
    rmSync(script);
  });

  test('is stopped when its time is over, or somebody has enough of it', async () => {
    expect(await execute('--timeout', '5', '--cmd', 'echo begun; sleep 60')).toMatchObject({ exitCode: 124, stdout: 'begun\n' });
    expect(await execute('--idle-timeout', '1', '--cmd', 'echo begun; sleep 61')).toMatchObject({
      exitCode: 124, stdout: 'begun\n', stderr: 'vast-cloud: the command was idle for too long, and was stopped\n',
    });
    for (const [signal, expected] of [['INT', 130], ['TERM', 143], ['HUP', 129]] as const) {
      const begun = 'until grep -q begun "$OUT"; do sleep 0.1; done';
      const { exitCode, stderr } = await shell(
        `OUT=$(mktemp); $V --cmd "echo begun; exec sleep 4321" >"$OUT" & ${begun}; kill -${signal} $!; wait $!; CODE=$?; rm "$OUT"; exit $CODE`);
      expect({ exitCode, stderr }).toEqual({ exitCode: expected, stderr: 'interrupted; the command was ended, with all that it had started\n' });
    }
    expect((await execute('--cmd', 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done')).stdout).not.toContain('sleep 4321');
  });

  test('is ended when nobody reads its output any more', async () => {
    const { stdout, stderr } = await shell('set +o pipefail; $V --cmd "yes 1234567" | head -1; echo ${PIPESTATUS[0]}');
    expect({ stdout, stderr }).toEqual({ stdout: '1234567\n141\n', stderr: '' });
    expect((await execute('--cmd', 'for p in /proc/[0-9]*; do tr "\\0" " " < $p/cmdline; echo; done')).stdout).not.toContain('yes 1234567');
  });

  test('has its result as JSON, and names what goes on', async () => {
    const { exitCode, stdout } = await execute('--json-output', '--cmd', 'echo hi; (sleep 20 & ) ; exit 4');
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({
      exitCode: 4, stdout: 'hi\n', stderr: '', timedOut: false, leftRunning: [{ command: expect.stringContaining('sleep 20') }],
    });
  });

  test('can be had from any language', async () => {
    expect(await new DeployedVast({ stackName: STACK }).server.execute('cat; exit 3', { stdin: 'hi', environment: { A: '1' } }))
      .toMatchObject({ exitCode: 3, stdout: 'hi', stdoutEncoding: 'utf8', stderr: '', timedOut: false });
  });
});

describe('a command leaves nothing behind', () => {
  /** What is in the container of all that commands have made there. */
  async function left(): Promise<string> {
    return (await execute('--cmd', 'ls -d /tmp/cdk-vast-*/ | grep -v "$(basename "$(dirname "$(readlink /proc/self/fd/2)")")"; '
      + 'for p in /proc/[0-9]*; do tr "\\0" " " <$p/cmdline 2>/dev/null; echo; done | grep "[s]leep 47"')).stdout;
  }

  // As in the official images since v5, from which util-linux is removed.
  beforeAll(async () => {
    expect(await execute('--cmd', 'rm -f "$(command -v setsid)"; ! command -v setsid')).toMatchObject({ exitCode: 0 });
  });

  test('where it kills its process group, or has no terminal to write to', async () => {
    expect(await execute('--cmd', 'echo begun; sleep 4711 & kill -9 0')).toMatchObject({ exitCode: 137, stdout: 'begun\n' });
    expect(await execute('--cmd', 'echo x 2>/dev/null >/dev/tty || echo none')).toMatchObject({ exitCode: 0, stdout: 'none\n' });
    expect(await execute('--cmd', 'sleep 4712 & kill -9 $PPID; sleep 4713')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is unknown') });
    await eventually('nothing is left', async () => await left() === '' || undefined);
  });

  test('where vast-cloud is killed', async () => {
    const { stdout } = await shell('mkfifo $$.fifo; SECRET=x $V --orphan-timeout 10 --env SECRET=4714 --cmd "echo begun; exec sleep 4714" >$$.fifo & '
      + 'head -1 <$$.fifo; kill -9 $!; rm $$.fifo');
    expect(stdout).toBe('begun\n');
    await eventually('nothing is left', async () => await left() === '' || undefined);
  });
});

describe('input is passed on as it is, or refused', () => {
  const refused = (words: string) => ({ exitCode: 2, stdout: '', stderr: expect.stringContaining(words) });

  test('bytes that are not UTF-8', async () => {
    expect(await shell('$V --cmd "$(printf "echo \\377")"')).toMatchObject(refused('an argument has bytes that are not UTF-8'));
    expect(await shell('$V --cmd env --env "A=$(printf "\\377")"')).toMatchObject(refused('an argument has bytes that are not UTF-8'));
    expect(await shell('printf "printf %%s \\377 | od -An -tx1" | $V --cmd -')).toMatchObject({ exitCode: 0, stdout: ' ff\n' });
    expect(await execute('--cmd', 'printf %s "$A" | od -An -tx1', '--env', 'A=\ufffd')).toMatchObject({ exitCode: 0, stdout: ' ef bf bd\n' });
  });

  test('input without an end', async () => {
    expect(await shell('set +o pipefail; yes : | $V --cmd -')).toMatchObject(refused('the standard input has more than the 4194304 bytes'));
    expect(await shell('$V --cmd file:///dev/urandom')).toMatchObject(refused('file:///dev/urandom has more than the 4194304 bytes'));
    expect(await shell('set +o pipefail; yes : | ${V/execute-command/run-lambda} --cmd cat --stdin'))
      .toMatchObject(refused('the standard input has more than the 6291456 bytes'));
  });
});

test('a command runs in the container that the task is there for, whatever else ECS lists first', async () => {
  const taskArn = await scene.connection.use('ecs', async (client, { DescribeTaskDefinitionCommand, RegisterTaskDefinitionCommand, RunTaskCommand }) => {
    const { taskDefinition } = await client.send(new DescribeTaskDefinitionCommand({ taskDefinition: deployment.extraTaskFamily }));
    const [main] = taskDefinition!.containerDefinitions!;
    const container = (name: string) => ({ ...main, name, environment: [...main.environment ?? [], { name: 'ROLE', value: name }] });
    const { cpu, memory, networkMode, requiresCompatibilities, executionRoleArn, taskRoleArn } = taskDefinition!;
    await client.send(new RegisterTaskDefinitionCommand({
      family: 'WithSidecar',
      cpu,
      memory,
      networkMode,
      requiresCompatibilities,
      executionRoleArn,
      taskRoleArn,
      containerDefinitions: [container('sidecar'), container(main.name!)],
    }));
    const { tasks } = await client.send(new RunTaskCommand({
      cluster: deployment.clusterName,
      taskDefinition: 'WithSidecar',
      launchType: 'FARGATE',
      enableExecuteCommand: true,
      networkConfiguration: { awsvpcConfiguration: { subnets: [deployment.subnetId] } },
    }));
    return tasks![0].taskArn!;
  });
  expect((await execute('--task', taskArn, '--cmd', 'echo $ROLE')).stdout).toBe(`${deployment.extraTaskContainerName}\n`);
  expect((await execute('--task', taskArn, '--container', 'sidecar', '--cmd', 'echo $ROLE')).stdout).toBe('sidecar\n');
  await scene.connection.use('ecs', (client, { StopTaskCommand }) => client.send(new StopTaskCommand({ cluster: deployment.clusterName, task: taskArn })));
});

describe('a shell', () => {
  beforeEach(async () => {
    terminal = await PseudoTerminal.open(process.execPath, [BIN, 'execute-command', '--stack', STACK], { ...scene.env, TERM: 'xterm' });
    await terminal.see(/[#$] $/);
  });

  test('at a real terminal: what is typed, sizes, Ctrl-C, and the end', async () => {
    terminal!.type('echo $((6*7)) $0; stty size\r');
    await terminal!.see(/42 bash\r\n33 90\r\n/);
    terminal!.resize(132, 50);
    terminal!.type('until [ "$(stty size)" = "50 132" ]; do sleep 0.1; done; stty size\r');
    await terminal!.see('50 132\r\n');
    terminal!.type('sleep 1000\r');
    await new Promise(resolve => setTimeout(resolve, 500));
    terminal!.type('\x03');
    terminal!.type('echo ended with $?\r');
    await terminal!.see('ended with 130\r\n');
    terminal!.type('exit 5\r');
    const { exit, modes } = await terminal!.ended();
    expect({ exit, modes }).toEqual({ exit: 0, modes: terminal!.modesBefore });
  });

  test('takes a paste of a hundred kilobytes', async () => {
    const pasted = randomBytes(50_000).toString('hex');
    const lines = pasted.match(/.{1,1000}/g)!.map(line => `${line}\r`).join('');
    terminal!.type('stty -echo; echo rea""dy; tr -d "\\n" | sha256sum\r');
    await terminal!.see('ready\r\n');
    terminal!.type(`${lines}\x04`);
    await terminal!.see(sha256(Buffer.from(pasted)));
  });

  test('gives the terminal back when it is told to end', async () => {
    terminal!.signal('SIGTERM');
    const { exit, modes } = await terminal!.ended();
    expect({ exit, modes }).toEqual({ exit: 143, modes: terminal!.modesBefore });
  });
});

test('without a terminal says what to do instead', async () => {
  const { exitCode, stderr } = await shell('echo ls | $V');
  expect({ exitCode, stderr }).toEqual({
    exitCode: 2,
    stderr: 'vast-cloud: a shell takes a terminal to type into, and standard input and standard output are none: '
      + 'give a command with --cmd, or --cmd - to read it from standard input\n',
  });
});

test('a task without ECS Exec is explained', async () => {
  const taskArn = await scene.connection.use('ecs', async (client, { RunTaskCommand }) => (await client.send(new RunTaskCommand({
    cluster: deployment.clusterName,
    taskDefinition: deployment.extraTaskFamily,
    launchType: 'FARGATE',
    networkConfiguration: { awsvpcConfiguration: { subnets: [deployment.subnetId] } },
  }))).tasks![0].taskArn!);
  await expect(server.execute('true', { taskId: taskArn })).rejects.toThrow(ExecNotEnabledError);
  expect(await execute('--task', taskArn, '--cmd', 'true')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('was started without ECS Exec') });
  expect(await execute('--task', 'nonsense', '--cmd', 'true')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there is no task nonsense') });
});

test('a task that ends takes its command along: that is never a success', async () => {
  const task = await server.runTask({ wait: RunTaskWait.RUNNING });
  let stop: () => Promise<unknown>;
  const begun = new Promise<void>((resolve) => {
    stop = async () => resolve();
  });
  const running = server.execute('echo begun; sleep 600', { taskId: task.taskArn, onStdout: () => stop() as Promise<void> });
  running.catch(() => undefined);
  await begun;
  await scene.connection.use('ecs', (client, { StopTaskCommand }) => client.send(new StopTaskCommand({ cluster: deployment.clusterName, task: task.taskArn, reason: 'the test ends it' })));
  const error = await running.then(() => { throw new Error('it has succeeded'); }, (failure: Error) => failure);
  expect(error).toBeInstanceOf(ExecOutcomeUnknownError);
  expect(error.cause).toBeInstanceOf(TaskEndedError);
  expect(error.message).toContain('the test ends it');
});
