import { arn, definition, LIFE } from './fake-ecs';
import { errorOf, FakeServer, QUICK } from './fake-server';
import { InvalidInputError, NotInDeploymentError } from '../../../src/runtime/errors';
import { RunTaskFailedError, RunTaskWait, ServerNotRunningError, ServerState, SeveralServersError, TaskKind } from '../../../src/runtime/server';

let fake: FakeServer;
afterEach(() => fake.close());

const EXTRA = { group: 'family:Extra', taskDefinitionArn: definition('Extra') };

describe('tasks', () => {
  test('has more than a page of them, each once, those that are there first', async () => {
    fake = await FakeServer.open();
    fake.ecs.page = 40;
    for (let i = 0; i < 250; i++) {
      fake.ecs.add({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', life: [] });
    }
    fake.ecs.addRunning();
    fake.ecs.add({ ...EXTRA, lastStatus: 'RUNNING', life: [] });
    fake.ecs.add({ group: 'family:Other', taskDefinitionArn: definition('Other') });
    const tasks = await fake.server.tasks();
    expect(new Set(tasks.map(({ taskArn }) => taskArn)).size).toBe(tasks.length);
    expect(tasks).toHaveLength(252);
    expect(tasks.slice(0, 3).map(({ taskId, kind, lastStatus }) => [taskId, kind, lastStatus])).toEqual([
      ['task252', TaskKind.EXTRA, 'RUNNING'], ['task251', TaskKind.SERVER, 'RUNNING'], ['task250', TaskKind.SERVER, 'STOPPED'],
    ]);
  });

  test('tells how a task has ended', async () => {
    fake = await FakeServer.open();
    fake.ecs.add({ ...LIFE.crash.at(-1), desiredStatus: 'STOPPED', life: [], stoppedAt: 1_700_000_000 });
    expect((await fake.server.tasks())[0].stop).toEqual({
      taskId: 'task1',
      taskArn: arn('task1'),
      stoppedAt: new Date(1_700_000_000_000),
      stopCode: 'EssentialContainerExited',
      reason: 'Essential container in task exited',
      exitCode: 3,
      failed: true,
    });
  });
});

describe('a sidecar that ECS lists first', () => {
  const SIDECAR = { sidecar: { exitCode: 0, reason: 'the reason of the sidecar', healthStatus: 'HEALTHY' } };

  test('is not taken for the engine', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning(SIDECAR);
    expect(await fake.server.describe()).toMatchObject({ runtimeId: 'task1-1', containerName: 'engine', ip: '172.31.48.9' });
  });

  test('does not end for the engine', async () => {
    fake = await FakeServer.open();
    fake.ecs.add({ ...LIFE.crash.at(-1), exitCode: 137, ...SIDECAR, desiredStatus: 'STOPPED', life: [], stoppedAt: 1_700_000_000 });
    fake.ecs.add({ ...EXTRA, ...LIFE.crash.at(-1), exitCode: 9, ...SIDECAR, desiredStatus: 'STOPPED', life: [], stoppedAt: 1_700_000_000 });
    const stop = { exitCode: 137, reason: 'Essential container in task exited' };
    expect((await fake.server.tasks()).map(task => task.stop)).toMatchObject([{ ...stop, exitCode: 9 }, stop]);
    expect((await fake.server.status()).lastStop).toMatchObject(stop);
  });

  test('is no more than a part of the task: healthy is what the engine is', async () => {
    fake = await FakeServer.open();
    const task = fake.ecs.addRunning({ ...SIDECAR, healthStatus: 'UNKNOWN' });
    expect(await fake.server.status()).toMatchObject({ state: ServerState.STARTING, task: { healthStatus: 'UNKNOWN' } });
    Object.assign(task, { healthStatus: 'HEALTHY', sidecar: { healthStatus: 'UNHEALTHY' } });
    expect(await fake.server.status()).toMatchObject({ state: ServerState.RUNNING, task: { healthStatus: 'HEALTHY' } });
  });
});

describe('describe', () => {
  test('has what the one running task is reached by', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ desiredStatus: 'STOPPED' });
    fake.ecs.addRunning();
    expect(await fake.server.describe()).toMatchObject({
      taskId: 'task2', taskArn: arn('task2'), ip: '172.31.48.9', runtimeId: 'task2-1', containerName: 'engine', healthStatus: 'HEALTHY',
    });
  });

  test('says that none runs, or not yet', async () => {
    fake = await FakeServer.open();
    expect(await errorOf(fake.server.describe())).toBeInstanceOf(ServerNotRunningError);
    fake.ecs.add({ lastStatus: 'PENDING' });
    expect(await errorOf(fake.server.describe())).toMatchObject({
      name: 'ServerNotRunningError', message: 'the server is not running yet: its task task1 is PENDING. Try again in a moment',
    });
  });

  test('names them where several run', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning();
    fake.ecs.addRunning();
    const error = await errorOf(fake.server.describe());
    expect(error).toBeInstanceOf(SeveralServersError);
    expect(error.message).toContain('task1, task2');
  });
});

describe('status', () => {
  test('of a running server: its engine is asked', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning();
    for (let i = 0; i < 7; i++) {
      fake.ecs.events.push({ createdAt: 1_700_000_000 - i, message: `event ${i}` });
    }
    const status = await fake.server.status();
    expect(status).toMatchObject({ state: ServerState.RUNNING, desiredCount: 1, runningCount: 1, pendingCount: 0, engineAnswers: true, task: { taskId: 'task1' } });
    expect(status.events).toHaveLength(5);
    expect(status.events[0]).toBe('2023-11-14T22:13:20.000Z event 0');
    fake.state.exitCode = 1;
    expect(await fake.server.status()).toMatchObject({ state: ServerState.RUNNING, engineAnswers: false, note: 'no engine answers' });
  });

  test('without the right to call the client it is not known whether the engine answers', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning();
    fake.aws.fail('Invoke', { code: 'AccessDeniedException', status: 403 });
    const status = await fake.server.status();
    expect(status).toMatchObject({ state: ServerState.RUNNING, note: expect.stringContaining('AccessDenied') });
    expect(status.engineAnswers).toBeUndefined();
    await fake.server.status({ askEngine: false });
    expect(fake.aws.inputsOf('Invoke')).toHaveLength(1);
  });

  test('starting, stopping, stopped', async () => {
    fake = await FakeServer.open();
    expect(await fake.server.status()).toMatchObject({ state: ServerState.STOPPED });
    fake.ecs.desiredCount = 1;
    fake.ecs.life = LIFE.slow;
    expect(await fake.server.status()).toMatchObject({ state: ServerState.STARTING });
    fake.ecs.tasks[0].linger = 5;
    fake.ecs.desiredCount = 0;
    expect(await fake.server.status()).toMatchObject({ state: ServerState.STOPPING });
  });

  test('failing, where the last two have ended by themselves, or ECS has given up', async () => {
    fake = await FakeServer.open();
    fake.ecs.desiredCount = 1;
    const crashed = () => fake.ecs.add({ ...LIFE.crash.at(-1), desiredStatus: 'STOPPED', life: [], stoppedAt: 1_700_000_000 });
    fake.ecs.life = LIFE.slow;
    crashed();
    expect(await fake.server.status()).toMatchObject({ state: ServerState.STARTING, lastStop: { exitCode: 3 } });
    crashed();
    expect(await fake.server.status()).toMatchObject({ state: ServerState.FAILING });
    fake.ecs.tasks.forEach((task) => { task.startedBy = 'ecs-svc/0'; });
    expect(await fake.server.status()).toMatchObject({ state: ServerState.STARTING });
    fake.ecs.rolloutState = 'FAILED';
    expect(await fake.server.status()).toMatchObject({ state: ServerState.FAILING });
  });
});

describe('runTask', () => {
  /** ECS's RunTask: a token makes one task, however often it comes. */
  async function open(life = LIFE.good, deployment = {}) {
    const made = new Map<unknown, { taskArn: string }>();
    fake = await FakeServer.open({
      RunTask: (input) => {
        const task = made.get(input.clientToken) ?? fake.ecs.add({ ...EXTRA, life, startedBy: input.startedBy as string });
        made.set(input.clientToken, task);
        return { tasks: [{ ...task, containers: [] }], failures: [] };
      },
    }, deployment);
  }

  test('runs a script from the definition of extra tasks, and returns', async () => {
    await open();
    expect(await fake.server.runTask({ command: 'echo "$A"', environment: { A: 'b=c' } })).toMatchObject({ taskId: 'task1', kind: TaskKind.EXTRA });
    expect(fake.aws.inputsOf('RunTask')[0]).toMatchObject({
      cluster: 'Cluster',
      taskDefinition: definition('Extra'),
      count: 1,
      launchType: 'FARGATE',
      enableExecuteCommand: true,
      startedBy: 'cdk-vast',
      propagateTags: 'TASK_DEFINITION',
      enableECSManagedTags: true,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-extra'], assignPublicIp: 'DISABLED' } },
      overrides: { containerOverrides: [{ name: 'task', command: ['echo "$A"'], environment: [{ name: 'A', value: 'b=c' }] }] },
    });
  });

  test('hands on the words of a program as they are', async () => {
    await open();
    await fake.server.runTask({ command: ['tenzir', 'export | head 1', "it's"] });
    expect(fake.aws.inputsOf('RunTask')[0]).toMatchObject({ overrides: { containerOverrides: [{ command: ["tenzir 'export | head 1' 'it'\\''s'"] }] } });
  });

  test('is never run twice, whatever happens to the answers', async () => {
    await open();
    const run = fake.aws.fail.bind(fake.aws, 'RunTask');
    run({ code: 'ServerException', status: 500 });
    run({ code: 'ThrottlingException' });
    await fake.server.runTask();
    const tokens = fake.aws.inputsOf('RunTask').map(({ clientToken }) => clientToken);
    expect(tokens).toHaveLength(3);
    expect(new Set(tokens).size).toBe(1);
    await fake.server.runTask();
    expect(fake.ecs.tasks).toHaveLength(2);
  });

  test('waits until it runs, or has ended', async () => {
    await open();
    fake.ecs.desiredCount = 0;
    const moving = setInterval(() => void fake.ecs.actions.DescribeServices({}), 20);
    expect(await fake.server.runTask({ ...QUICK, wait: RunTaskWait.RUNNING })).toMatchObject({ lastStatus: 'RUNNING' });
    clearInterval(moving);
  });

  test('its exit code is a result', async () => {
    await open(LIFE.crash);
    const moving = setInterval(() => void fake.ecs.actions.DescribeServices({}), 20);
    expect(await fake.server.runTask({ ...QUICK, wait: RunTaskWait.STOPPED })).toMatchObject({ lastStatus: 'STOPPED', stop: { exitCode: 3 } });
    clearInterval(moving);
  });

  test('one that does not come to life is an error with the reason', async () => {
    await open(LIFE.badImage);
    const moving = setInterval(() => void fake.ecs.actions.DescribeServices({}), 20);
    const error = await errorOf(fake.server.runTask({ ...QUICK, wait: RunTaskWait.STOPPED })) as RunTaskFailedError;
    clearInterval(moving);
    expect(error).toBeInstanceOf(RunTaskFailedError);
    expect(error.failure?.reason).toContain('CannotPullContainerError');
  });

  test('what ECS refuses is told', async () => {
    fake = await FakeServer.open({ RunTask: () => ({ tasks: [], failures: [{ reason: 'Capacity is unavailable at this time' }] }) });
    expect((await errorOf(fake.server.runTask())).message).toContain('Capacity is unavailable at this time');
  });

  test('all that is wrong is said at once, before AWS is asked', async () => {
    await open();
    const error = await errorOf(fake.server.runTask({ command: ' ', environment: { 'A B': '1', 'X': 'x'.repeat(9000) } }));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toMatch(/'A B' is not the name of a variable; the command is empty.*; command and environment take 9\d+ characters/);
    expect(fake.aws.calls).toEqual([]);
  });

  test('a deployment from before extra tasks says so', async () => {
    await open(LIFE.good, { extraTaskDefinitionArn: undefined });
    expect(await errorOf(fake.server.runTask())).toBeInstanceOf(NotInDeploymentError);
  });
});
