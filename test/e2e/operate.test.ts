import { randomUUID } from 'node:crypto';
import type { ContainerDefinition, TaskDefinition } from '@aws-sdk/client-ecs';
import { callClient } from './buffered-call';
import { docker, ENGINE, eventually, Scene } from './scene';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import {
  CrashLoopError, LogEvent, LogOptions, RunTaskWait, Server, ServerNotRunningError, ServerState, StartFailedError, TaskKind,
} from '../../src/runtime/server';

/** A container that is told to stop goes on for so long, so that a successor that comes too soon is seen. */
const LINGER_SECONDS = 3;

/** So many clients import side by side. */
const WRITERS = 3;

/** One import is one event with a name of its own. */
const IMPORT = "tenzir 'load_stdin | read_ndjson | set @name=\"operate.test\" | import'";

/** The container of an extra task that does nothing, but ends at once when it is told to. */
const SLEEPER: ContainerDefinition = {
  name: 'task', image: ENGINE.image, entryPoint: ['/bin/sh', '-c'], command: ['exec sleep 3600'], linuxParameters: { initProcessEnabled: true },
};

let scene: Scene;
let deployment: DeploymentOutput;
let server: Server;

beforeAll(async () => {
  scene = await Scene.open('operate', { CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS: String(LINGER_SECONDS) });
  deployment = await scene.deploy({ stack: 'Operate', client: 'true' });
  server = new Server(scene.connection, deployment);
});
afterAll(async () => {
  delete process.env.CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS;
  await scene?.close();
});

test('start leaves a running server as it is', async () => {
  const started = await server.start();
  expect(started).toMatchObject({ engineAnswered: true, task: { lastStatus: 'RUNNING', healthStatus: 'HEALTHY' } });
  expect(await server.start()).toMatchObject({ alreadyRunning: true, engineAnswered: true, task: { taskArn: started.task.taskArn } });
  expect(await server.status()).toMatchObject({ state: ServerState.RUNNING, desiredCount: 1, runningCount: 1, engineAnswers: true });
});

test('describe has the address and the container that there are', async () => {
  const { ip, runtimeId, containerName } = await server.describe();
  const [container] = JSON.parse(await docker('inspect', runtimeId)) as [{ NetworkSettings: { Networks: Record<string, { IPAddress: string }> } }];
  expect(Object.values(container.NetworkSettings.Networks).map(({ IPAddress }) => IPAddress)).toEqual([ip]);
  expect(containerName).toBe('engine');
});

test('stop returns when the container has ended, and can be repeated', async () => {
  expect(await server.stop()).toEqual({ stoppedTasks: 1, alreadyStopped: false });
  expect(await containers()).toEqual([]);
  expect(await server.stop()).toEqual({ stoppedTasks: 0, alreadyStopped: true });
  expect(await server.status()).toMatchObject({ state: ServerState.STOPPED, lastStop: { stopCode: 'ServiceSchedulerInitiated', failed: false } });
  await expect(server.describe()).rejects.toBeInstanceOf(ServerNotRunningError);
});

test('restart starts a stopped server, and its engine answers then', async () => {
  expect(await server.restart()).toMatchObject({ alreadyRunning: false, engineAnswered: true });
  expect((await callClient(scene.connection, deployment, { cmd: "tenzir 'export | head 1 | discard'" })).exitCode).toBe(0);
});

test('a restart under ingestion loses nothing that was acknowledged, and has one engine at a time', async () => {
  const before = await server.describe();
  const imports: { readonly id: string; readonly began: number; readonly ended: number; readonly exitCode: number | null }[] = [];
  const acknowledged = () => imports.filter(({ exitCode }) => exitCode === 0);
  let ingesting = true;
  const ingestion = Array.from({ length: WRITERS }, async () => {
    while (ingesting) {
      const id = randomUUID();
      const began = Date.now();
      const { exitCode } = await callClient(scene.connection, deployment, { cmd: `timeout 20 ${IMPORT}`, stdin: `${JSON.stringify({ id })}\n` });
      imports.push({ id, began, ended: Date.now(), exitCode });
    }
  });
  let most = 0;
  let downAt = 0;
  const watch = (async () => {
    while (ingesting) {
      const there = await containers();
      most = Math.max(most, there.length);
      downAt ||= there.length === 0 ? Date.now() : 0;
    }
  })();
  await eventually('the first imports', async () => acknowledged().length >= 10 || undefined);
  const { task } = await server.restart();
  const until = acknowledged().length + 10;
  await eventually('imports into the new engine', async () => acknowledged().length >= until || undefined);
  ingesting = false;
  await Promise.all([...ingestion, watch]);

  expect(task.taskId).not.toBe(before.taskId);
  expect(most).toBe(1);
  // Without some that the restart met in the middle the rest would prove nothing.
  expect(imports.filter(({ began, ended }) => began < downAt && ended > downAt)).not.toEqual([]);
  const { stdout } = await callClient(scene.connection, deployment, { cmd: "tenzir 'export | where @name == \"operate.test\" | write_ndjson'" });
  const kept = new Set(stdout.trim().split('\n').map(line => (JSON.parse(line) as { id: string }).id));
  expect(acknowledged().filter(({ id }) => !kept.has(id))).toEqual([]);
});

describe('the log', () => {
  test('has the past, of all tasks and of one', async () => {
    const { taskId } = await server.describe();
    const events = await log();
    expect(events.filter(({ message }) => message.includes('starting the engine'))).toHaveLength(3);
    const ofOne = await log({ taskId });
    expect(ofOne.filter(({ message }) => message.includes('starting the engine'))).toHaveLength(1);
    expect(ofOne).toEqual(events.filter(({ stream }) => stream === `server/engine/${taskId}`));
    expect(await log({ last: 5 })).toEqual(events.slice(-5));
  });

  test('is followed over a restart: every event once', async () => {
    const since = new Date();
    const followed: LogEvent[] = [];
    const abort = new AbortController();
    const following = server.logs({ since, follow: true, signal: abort.signal, onEvent: event => void followed.push(event) });
    await server.restart();
    await eventually('the last event', async () => {
      const all = await log({ since });
      return all.length > 0 && all.every(({ id }) => followed.some(event => event.id === id)) ? true : undefined;
    });
    abort.abort();
    await following;
    expect(new Set(followed.map(({ id }) => id)).size).toBe(followed.length);
    expect(followed.filter(({ message }) => message.includes('starting the engine'))).toHaveLength(1);
  });
});

describe('a start that fails', () => {
  beforeAll(() => server.stop());
  afterAll(() => useDefinition(deployment.taskDefinitionArn));

  test('with a bad image says so, and leaves the server stopped', async () => {
    await useDefinition(await variantOf(engine => ({ ...engine, image: 'localhost:1/no/such-image:v0' })));
    const error = await failureOf(server.start());
    expect(error).not.toBeInstanceOf(CrashLoopError);
    expect(error.message).toContain('CannotPullContainerError');
    expect(error.failure.lastLogLines).toEqual([]);
    await eventually('nothing to be left', async () => ((await server.status()).state === ServerState.STOPPED ? true : undefined));
    expect(await server.status()).toMatchObject({ desiredCount: 0 });
    expect((await server.tasks()).find(({ taskArn }) => taskArn === error.failure.taskArn)?.stop)
      .toMatchObject({ stopCode: 'TaskFailedToStart', failed: true, reason: error.failure.reason });
  });

  test('in a crash loop says so, with exit code and last log lines', async () => {
    await useDefinition(await variantOf(engine => ({ ...engine, entryPoint: ['/bin/sh', '-c'], command: ['echo the disk is on fire >&2; exit 3'] })));
    const error = await failureOf(server.start());
    expect(error).toBeInstanceOf(CrashLoopError);
    expect(error.failure).toMatchObject({ exitCode: 3, lastLogLines: ['the disk is on fire'] });
    expect(error.message).toMatch(/exit code 3.*The last log lines of [0-9a-f]+:\n {2}the disk is on fire$/s);
    expect(await server.status()).toMatchObject({ desiredCount: 0 });
  });

  test('is over once the cause is put right', async () => {
    await useDefinition(deployment.taskDefinitionArn);
    expect(await server.start()).toMatchObject({ alreadyRunning: false, engineAnswered: true });
  });
});

describe('extra tasks', () => {
  let withExtra: Server;

  beforeAll(async () => {
    const logging = (await definition()).containerDefinitions![0].logConfiguration!;
    withExtra = new Server(scene.connection, {
      ...deployment,
      extraTaskDefinitionArn: await register({
        family: 'Extra',
        containerDefinitions: [{
          ...SLEEPER,
          logConfiguration: { ...logging, options: { ...logging.options, 'awslogs-stream-prefix': 'task' } },
        }],
      }),
      extraTaskFamily: 'Extra',
      extraTaskContainerName: 'task',
      extraTaskSecurityGroupId: deployment.securityGroupId,
    });
  });

  test('runs a command, whose exit code is a result and whose words are in the log', async () => {
    const task = await withExtra.runTask({ command: 'echo "$GREETING"; exit 5', environment: { GREETING: 'a = b' }, wait: RunTaskWait.STOPPED });
    expect(task).toMatchObject({ kind: TaskKind.EXTRA, startedBy: 'cdk-vast', stop: { exitCode: 5 } });
    expect((await log({ taskId: task.taskId })).map(({ message }) => message)).toEqual(['a = b']);
  });

  test('do not count as servers, and are listed', async () => {
    const { taskId } = await withExtra.runTask({ wait: RunTaskWait.RUNNING });
    const running = (await withExtra.tasks()).filter(({ lastStatus }) => lastStatus === 'RUNNING');
    expect(running.map(({ kind }) => kind).sort()).toEqual([TaskKind.EXTRA, TaskKind.SERVER]);
    expect((await withExtra.describe()).taskId).not.toBe(taskId);
    expect(await withExtra.restart()).toMatchObject({ engineAnswered: true });
  });

  test('are stopped with the server, and nobody else is', async () => {
    const other = new Server(scene.connection, {
      ...deployment,
      extraTaskContainerName: 'task',
      extraTaskDefinitionArn: await register({
        family: 'Other', containerDefinitions: [SLEEPER],
      }),
    });
    const { taskArn } = await other.runTask();
    const stopped = await withExtra.stopAllTasks();
    expect(stopped.map(({ kind, lastStatus }) => `${kind} ${lastStatus}`).sort()).toEqual(['extra STOPPED', 'server STOPPED']);
    expect(await withExtra.status()).toMatchObject({ state: ServerState.STOPPED });
    expect((await describeTask(taskArn)).desiredStatus).toBe('RUNNING');
    await scene.connection.use('ecs', (client, { StopTaskCommand }) => client.send(new StopTaskCommand({ cluster: deployment.clusterName, task: taskArn })));
    await eventually('its end', async () => ((await describeTask(taskArn)).lastStatus === 'STOPPED' ? true : undefined));
  });
});

/** The running containers of the server, by id. */
async function containers(): Promise<string[]> {
  return (await docker('ps', '--quiet', '--filter', `label=cdk-vast.service=${deployment.serviceName}`)).split('\n').filter(Boolean);
}

async function log(options: Partial<LogOptions> = {}): Promise<LogEvent[]> {
  const events: LogEvent[] = [];
  await server.logs({ ...options, onEvent: event => void events.push(event) });
  return events;
}

async function failureOf(start: Promise<unknown>): Promise<StartFailedError> {
  const error: unknown = await start.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(StartFailedError);
  return error as StartFailedError;
}

/** The server's task definition. */
async function definition(): Promise<TaskDefinition> {
  const { taskDefinition } = await scene.connection.use('ecs', (client, { DescribeTaskDefinitionCommand }) =>
    client.send(new DescribeTaskDefinitionCommand({ taskDefinition: deployment.taskDefinitionArn })));
  return taskDefinition!;
}

/** Registers a definition with what every Fargate task needs. */
async function register(parts: { family: string; containerDefinitions: ContainerDefinition[]; volumes?: TaskDefinition['volumes'] }): Promise<string> {
  const { taskDefinition } = await scene.connection.use('ecs', (client, { RegisterTaskDefinitionCommand }) => client.send(new RegisterTaskDefinitionCommand({
    requiresCompatibilities: ['FARGATE'], networkMode: 'awsvpc', cpu: '512', memory: '1024', ...parts,
  })));
  return taskDefinition!.taskDefinitionArn!;
}

/** The server's definition with another container, under a family of its own. */
async function variantOf(change: (engine: ContainerDefinition) => ContainerDefinition): Promise<string> {
  const { containerDefinitions, volumes } = await definition();
  return register({ family: 'Variant', volumes, containerDefinitions: containerDefinitions!.map(change) });
}

async function useDefinition(taskDefinition: string) {
  await scene.connection.use('ecs', (client, { UpdateServiceCommand }) =>
    client.send(new UpdateServiceCommand({ cluster: deployment.clusterName, service: deployment.serviceName, taskDefinition })));
}

async function describeTask(taskArn: string) {
  const { tasks } = await scene.connection.use('ecs', (client, { DescribeTasksCommand }) =>
    client.send(new DescribeTasksCommand({ cluster: deployment.clusterName, tasks: [taskArn] })));
  return tasks![0];
}
