import { LIFE } from './fake-ecs';
import { errorOf, FakeServer, QUICK } from './fake-server';
import { AwsCallError, AwsFailure } from '../../../src/runtime/aws-call-error';
import { DeploymentNotFoundError, WaitTimeoutError } from '../../../src/runtime/errors';
import { CrashLoopError, ServerChangedError, StartFailedError } from '../../../src/runtime/server';

let fake: FakeServer;
afterEach(() => fake.close());

test('a stopped server is started, and there when its engine answers', async () => {
  fake = await FakeServer.open();
  fake.state.exitCode = 1;
  let asked = 0;
  const told: string[] = [];
  const onProgress = (what: string) => {
    told.push(what);
    if (what.includes('does not answer') && ++asked === 1) {
      fake.state.exitCode = 0;
    }
  };
  const started = await fake.server.start({ ...QUICK, onProgress });
  expect(started).toMatchObject({ alreadyRunning: false, engineAnswered: true, task: { taskId: 'task1', ip: '172.31.48.9', runtimeId: 'task1-1' } });
  expect(started.note).toBeUndefined();
  expect(fake.counts()).toEqual([1]);
  expect(told).toEqual([
    'task task1: PROVISIONING', 'task task1: PENDING', 'task task1: RUNNING, and the engine does not listen',
    'asking the engine', 'the engine listens, and does not answer yet', 'asking the engine',
  ]);
  expect(fake.aws.inputsOf('Invoke')[0]).toMatchObject({ cmd: "timeout 20 tenzir 'export | head 1 | discard'", cmdEncoding: 'utf8' });
});

test('a running server is left as it is', async () => {
  fake = await FakeServer.open();
  fake.ecs.addRunning();
  expect(await fake.server.start(QUICK)).toMatchObject({ alreadyRunning: true, engineAnswered: true });
  expect(fake.counts()).toEqual([]);
});

test('one that somebody else has just started is waited for', async () => {
  fake = await FakeServer.open();
  fake.ecs.desiredCount = 1;
  expect(await fake.server.start(QUICK)).toMatchObject({ alreadyRunning: false, engineAnswered: true });
  expect(fake.counts()).toEqual([]);
});

test('a bad image is named, with the reason, after two tasks; the count is back at 0', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.badImage;
  const error = await errorOf(fake.server.start(QUICK)) as StartFailedError;
  expect(error).toBeInstanceOf(StartFailedError);
  expect(error).not.toBeInstanceOf(CrashLoopError);
  expect(error.message).toMatch(/^the server failed to start: the tasks task1 and task2 did not come to life \(CannotPullContainerError: .*The desired count is set back to 0\./);
  expect(error.failure).toEqual({ taskArn: expect.stringMatching(/task2$/), reason: expect.stringContaining('CannotPull'), lastLogLines: [] });
  expect(fake.counts()).toEqual([1, 0]);
});

test('a crash loop is named, with exit code and last log lines', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.crash;
  const error = await errorOf(fake.server.start(QUICK)) as CrashLoopError;
  expect(error).toBeInstanceOf(CrashLoopError);
  expect(error.name).toBe('CrashLoopError');
  expect(error.message).toContain('the engine is in a crash loop: the tasks task1 and task2 were started and have ended (Essential container in task exited, exit code 3)');
  expect(error.message).toMatch(/The last log lines of task2:\n {2}the first line\n {2}the last line$/);
  expect(error.failure).toMatchObject({ exitCode: 3, lastLogLines: ['the first line', 'the last line'] });
  expect(fake.aws.inputsOf('GetLogEvents')[0]).toMatchObject({ logGroupName: '/vast/server', logStreamName: 'server/engine/task2' });
  expect(fake.counts()).toEqual([1, 0]);
});

test('a log that must not be read does not hide the failure', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.crash;
  fake.aws.fail('GetLogEvents', { code: 'AccessDeniedException' });
  expect(await errorOf(fake.server.start(QUICK))).toMatchObject({ name: 'CrashLoopError', failure: { exitCode: 3, lastLogLines: [] } });
});

test('an engine that never listens has failed to start', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.deaf;
  expect(await errorOf(fake.server.start(QUICK))).toMatchObject({ name: 'StartFailedError', message: expect.stringContaining('health checks') });
});

test('one failure is bad luck', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.crash;
  fake.ecs.onTick = () => {
    if (fake.ecs.tasks.length > 0) {
      fake.ecs.life = LIFE.good;
    }
  };
  expect(await fake.server.start(QUICK)).toMatchObject({ task: { taskId: 'task2' }, engineAnswered: true });
});

test('what ended before the start is no failure of it', async () => {
  fake = await FakeServer.open();
  for (let i = 0; i < 3; i++) {
    fake.ecs.add({ life: [LIFE.crash.at(-1)!], desiredStatus: 'STOPPED' });
  }
  expect(await fake.server.start(QUICK)).toMatchObject({ task: { taskId: 'task4' } });
});

test('a server that was wanted and fails stays wanted', async () => {
  fake = await FakeServer.open();
  fake.ecs.desiredCount = 1;
  fake.ecs.life = LIFE.badImage;
  expect((await errorOf(fake.server.start(QUICK))).message).toContain('The desired count stays at 1');
  expect(fake.counts()).toEqual([]);
});

test('a count that cannot be set back is said', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.badImage;
  fake.ecs.onTick = (tick) => {
    if (tick === 3) {
      fake.aws.fail('UpdateService', { code: 'AccessDeniedException' });
    }
  };
  expect((await errorOf(fake.server.start(QUICK))).message).toContain('could not be set back to 0, so ECS tries on: the AWS credentials do not allow this');
});

test('when the time is over, it says what it knows, and sets the count back', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.slow;
  fake.ecs.events.push({ createdAt: 1, message: '(service Service) was unable to place a task.' });
  const error = await errorOf(fake.server.start({ ...QUICK, timeoutSeconds: 2 }));
  expect(error).toBeInstanceOf(WaitTimeoutError);
  // What was left of the time when that was waited for.
  expect(error.message).toMatch(/^timed out after [\d.]+ s waiting for the engine of Service to answer: task task1: PROVISIONING; /);
  expect(error.message).toMatch(/; ECS says: \(service Service\) was unable to place a task\. The desired count is set back to 0\.$/);
  expect(fake.counts()).toEqual([1, 0]);
});

test('an engine that never answers is told with what the question said', async () => {
  fake = await FakeServer.open();
  fake.ecs.addRunning();
  fake.state.exitCode = 7;
  const error = await errorOf(fake.server.start({ ...QUICK, timeoutSeconds: 2 }));
  expect(error.message).toMatch(/^timed out after [\d.]+ s waiting for the engine of Service to answer: it listens, and does not answer: no engine answers$/);
  expect(fake.counts()).toEqual([]);
});

test('the signal ends the wait with its reason, and leaves AWS as it is', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.slow;
  const abort = new AbortController();
  const reason = new Error('Ctrl-C');
  fake.ecs.onTick = tick => tick === 4 && abort.abort(reason);
  expect(await errorOf(fake.server.start({ ...QUICK, signal: abort.signal }))).toBe(reason);
  expect(fake.counts()).toEqual([1]);
});

test('the signal ends even a question that hangs', async () => {
  fake = await FakeServer.open({ Invoke: () => new Promise(() => undefined) });
  fake.ecs.addRunning();
  const abort = new AbortController();
  const onProgress = (what: string) => what === 'asking the engine' && abort.abort(new Error('Ctrl-C'));
  expect(await errorOf(fake.server.start({ ...QUICK, signal: abort.signal, onProgress }))).toMatchObject({ message: 'Ctrl-C' });
});

test('a list and a count that lag behind do not confuse it', async () => {
  fake = await FakeServer.open();
  fake.ecs.listLag = 6;
  fake.ecs.countLag = 4;
  expect(await fake.server.start(QUICK)).toMatchObject({ task: { taskId: 'task1' }, engineAnswered: true });
  expect(fake.counts()).toEqual([1]);
});

test('a stale answer is not taken for a stop by somebody else', async () => {
  fake = await FakeServer.open();
  fake.ecs.falseEvery = 3;
  expect(await fake.server.start(QUICK)).toMatchObject({ engineAnswered: true });
});

test('a start while the server is still stopping waits for the end first', async () => {
  fake = await FakeServer.open();
  fake.ecs.addRunning({ desiredStatus: 'STOPPED', lastStatus: 'DEACTIVATING', linger: 5 });
  fake.ecs.desiredCount = 0;
  let together = false;
  fake.ecs.onTick = () => { together ||= fake.ecs.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length > 1; };
  expect(await fake.server.start(QUICK)).toMatchObject({ task: { taskId: 'task2' } });
  expect(together).toBe(false);
});

test('a deployment that ECS has given up is begun anew', async () => {
  fake = await FakeServer.open();
  fake.ecs.rolloutState = 'FAILED';
  expect(await fake.server.start(QUICK)).toMatchObject({ engineAnswered: true });
  expect(fake.aws.inputsOf('UpdateService')).toMatchObject([{ desiredCount: 1, forceNewDeployment: true }]);
});

test('a stop by somebody else ends the start', async () => {
  fake = await FakeServer.open();
  fake.ecs.life = LIFE.slow;
  fake.ecs.onTick = (tick) => {
    if (tick === 6) {
      fake.ecs.desiredCount = 0;
    }
  };
  expect(await errorOf(fake.server.start(QUICK))).toBeInstanceOf(ServerChangedError);
});

test('without a client, ECS\'s health check has to do, and that is said', async () => {
  fake = await FakeServer.open({}, { clientFunctionName: undefined });
  expect(await fake.server.start(QUICK)).toMatchObject({ engineAnswered: false, note: expect.stringContaining('has no client') });
});

test('without the right to call the client, too', async () => {
  fake = await FakeServer.open();
  fake.aws.fail('Invoke', { code: 'AccessDeniedException', status: 403, message: 'not authorized to perform: lambda:InvokeFunction' });
  expect(await fake.server.start(QUICK)).toMatchObject({ engineAnswered: false, note: expect.stringContaining('lambda:InvokeFunction') });
});

test('a client that is throttled is asked again', async () => {
  fake = await FakeServer.open();
  fake.aws.fail('Invoke', { code: 'TooManyRequestsException', status: 429 }, 2);
  expect(await fake.server.start(QUICK)).toMatchObject({ engineAnswered: true });
});

test('throttling and faults of ECS are waited out', async () => {
  fake = await FakeServer.open();
  fake.aws.fail('DescribeServices', { code: 'ThrottlingException', message: 'Rate exceeded' }, 2);
  fake.aws.fail('UpdateService', { code: 'ServerException', status: 500 });
  fake.aws.fail('ListTasks', { code: 'ThrottlingException' });
  expect(await fake.server.start(QUICK)).toMatchObject({ engineAnswered: true });
});

test('credentials that expire meanwhile are an error of their own, with the request id', async () => {
  fake = await FakeServer.open();
  fake.ecs.onTick = tick => tick === 3 && fake.aws.fail('DescribeTasks', { code: 'ExpiredTokenException', message: 'The security token has expired' });
  const error = await errorOf(fake.server.start(QUICK)) as AwsCallError;
  expect(error).toMatchObject({ name: 'AwsCallError', failure: AwsFailure.CREDENTIALS, requestId: expect.stringMatching(/^request-/) });
});

test('a service that is gone is named', async () => {
  fake = await FakeServer.open({ DescribeServices: () => ({ services: [], failures: [{ reason: 'MISSING' }] }) });
  expect(await errorOf(fake.server.start(QUICK))).toBeInstanceOf(DeploymentNotFoundError);
  fake.aws.fail('DescribeServices', { code: 'ClusterNotFoundException' });
  expect((await errorOf(fake.server.start(QUICK))).message).toMatch(/^the service Service of the deployment Vast is not in the cluster Cluster in eu-west-1 \(ClusterNotFoundException, request /);
});
