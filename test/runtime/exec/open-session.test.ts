import { FakeChannel } from './fake-channel';
import { DeploymentOutput } from '../../../src/discovery/deployment-output';
import { AwsFailure } from '../../../src/runtime/aws-call-error';
import { WaitTimeoutError } from '../../../src/runtime/errors';
import { ExecAgentError, ExecNotEnabledError, ExecTargetError, SessionUnknownError } from '../../../src/runtime/exec/errors';
import { openSession, OpenSessionOptions } from '../../../src/runtime/exec/open-session';
import { Clock, OpenSessionProps, ResumeRefusedError } from '../../../src/runtime/exec/session';
import { ServerNotRunningError, SeveralServersError } from '../../../src/runtime/server';
import { FakeService } from '../fake-aws';
import { arn, definition } from '../server/fake-ecs';
import { errorOf, FakeServer, QUICK } from '../server/fake-server';

const BEGUN = { session: { sessionId: 'ecs-execute-command-1', streamUrl: 'wss://example.test/1', tokenValue: 'token' } };
const EXTRA = { group: 'family:Extra', taskDefinitionArn: definition('Extra') };

let fake: FakeServer;
let props: OpenSessionProps | undefined;
let channel: FakeChannel;

async function aServer(more: FakeService = {}, deployment: Partial<DeploymentOutput> = {}): Promise<FakeServer> {
  fake = await FakeServer.open({ ExecuteCommand: () => BEGUN, ...more }, deployment);
  return fake;
}

async function open(options: OpenSessionOptions = {}, opened: () => Promise<FakeChannel> = async () => channel, clock?: Clock) {
  return openSession(fake.calls, '/bin/bash', { ...QUICK, ...options }, {
    clock,
    open: async (given) => {
      props = given;
      return opened();
    },
  });
}

/** Waits for what comes about by itself; a test that waits in vain fails with its time-out. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setTimeout(resolve, 5));
}

const begun = () => fake.aws.inputsOf('ExecuteCommand').length;

beforeEach(() => { channel = new FakeChannel(); });
afterEach(async () => {
  channel.end();
  await fake.close();
});

test('runs the command in a terminal of the server', async () => {
  await aServer();
  fake.ecs.addRunning();
  const session = await open();
  expect(session.sessionId).toBe('ecs-execute-command-1');
  expect(fake.aws.inputsOf('ExecuteCommand')).toEqual([
    { cluster: 'Cluster', task: arn('task1'), container: 'engine', command: '/bin/bash', interactive: true },
  ]);
  expect(props).toMatchObject({ sessionId: 'ecs-execute-command-1', streamUrl: 'wss://example.test/1', tokenValue: 'token' });
});

test('runs it in another task, and in the container that is named', async () => {
  await aServer();
  fake.ecs.addRunning();
  fake.ecs.add({ ...EXTRA, lastStatus: 'RUNNING', life: [] });
  await open({ taskId: arn('task2'), containerName: 'task' });
  expect(fake.aws.inputsOf('ExecuteCommand')).toMatchObject([{ task: arn('task2'), container: 'task' }]);
});

test('runs it in the engine, whatever else ECS lists first', async () => {
  await aServer();
  fake.ecs.addRunning({ sidecar: {} });
  await open();
  await open({ containerName: 'sidecar' });
  expect(fake.aws.inputsOf('ExecuteCommand')).toMatchObject([{ container: 'engine' }, { container: 'sidecar' }]);
});

describe('waits', () => {
  test('until the task and its agent run, and says for what', async () => {
    await aServer();
    const task = fake.ecs.addRunning({ lastStatus: 'PENDING', agent: 'PENDING' });
    const told: string[] = [];
    const opening = open({
      onProgress: (what) => {
        told.push(what);
        Object.assign(task, task.lastStatus === 'PENDING' ? { lastStatus: 'RUNNING' } : { agent: 'RUNNING' });
      },
    });
    await opening;
    expect(told).toEqual(['task task1: PENDING', 'the agent of ECS Exec is PENDING', 'connecting to the session']);
    expect(begun()).toBe(1);
  });

  test('until the agent is in touch with AWS', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.aws.fail('ExecuteCommand', { code: 'TargetNotConnectedException' }, 3);
    await open();
    expect(begun()).toBe(4);
  });

  test('no longer than it may', async () => {
    await aServer();
    fake.ecs.addRunning({ agent: 'PENDING' });
    const error = await errorOf(open({ timeoutSeconds: 1 }));
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.message).toMatch(/^timed out after [01](\.\d)? s waiting for a task that a session can be opened in: the agent of ECS Exec is PENDING$/);
    expect(begun()).toBe(0);
  });

  test('until the signal comes', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.aws.fail('ExecuteCommand', { code: 'TargetNotConnectedException' }, Infinity);
    const reason = new Error('enough');
    const stop = new AbortController();
    const error = errorOf(open({ signal: stop.signal }));
    await until(() => begun() > 1);
    stop.abort(reason);
    expect(await error).toBe(reason);
  });
});

describe('says why there is no session', () => {
  test('where the server does not run', async () => {
    await aServer();
    expect(await errorOf(open())).toBeInstanceOf(ServerNotRunningError);
  });

  test('where it is about to end', async () => {
    await aServer();
    fake.ecs.addRunning({ desiredStatus: 'STOPPED' });
    expect((await errorOf(open())).message).toMatch(/is about to end: its task task1 is RUNNING\. Start it/);
  });

  test('where several run', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.ecs.addRunning();
    expect(await errorOf(open())).toBeInstanceOf(SeveralServersError);
    await open({ taskId: arn('task2') });
  });

  test('where ECS Exec was not switched on when the task was started', async () => {
    await aServer();
    fake.ecs.addRunning({ enableExecuteCommand: false });
    const error = await errorOf(open());
    expect(error).toBeInstanceOf(ExecNotEnabledError);
    expect(error.message).toMatch(/restart the server \(vast-cloud restart-vast-server\)/);
    expect(begun()).toBe(0);
  });

  test('where there is no such task, or no such container', async () => {
    await aServer();
    fake.ecs.addRunning();
    expect(await errorOf(open({ taskId: 'nonsense' }))).toBeInstanceOf(ExecTargetError);
    expect((await errorOf(open({ containerName: 'sidecar' }))).message).toBe("the task task1 has no container 'sidecar', but 'engine'");
  });

  test('where a task of somebody else has several containers', async () => {
    await aServer({}, { containerName: 'other', extraTaskContainerName: 'another' });
    fake.ecs.add({ ...EXTRA, lastStatus: 'RUNNING', life: [], sidecar: {} });
    expect((await errorOf(open({ taskId: arn('task1') }))).message)
      .toBe("the task task1 has the containers 'sidecar', 'task': say which one is meant (--container NAME)");
    expect(begun()).toBe(0);
  });

  test('where the task has ended', async () => {
    await aServer();
    fake.ecs.add({ ...EXTRA, life: [], lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedReason: 'Essential container in task exited' });
    const error = await errorOf(open({ taskId: arn('task1') }));
    expect(error).toBeInstanceOf(ExecTargetError);
    expect(error.message).toMatch(/has ended \(Essential container in task exited\)/);
  });

  test('where the agent never gets in touch with AWS', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.aws.fail('ExecuteCommand', { code: 'TargetNotConnectedException', message: 'The execute command failed due to an internal error.' }, Infinity);
    const error = await errorOf(open({ timeoutSeconds: 1.5 }));
    expect(error).toBeInstanceOf(ExecAgentError);
    expect(error.message).toMatch(/ssmmessages\.eu-west-1\.amazonaws\.com.*ssmmessages:CreateControlChannel.*service control policy/);
    expect(begun()).toBeGreaterThan(0);
  });

  test('where the caller may not', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.aws.fail('ExecuteCommand', { code: 'AccessDeniedException', message: 'User: arn:me is not authorized to perform: ecs:ExecuteCommand' });
    const error = await errorOf(open());
    expect(error).toMatchObject({ name: 'AwsCallError', failure: AwsFailure.PERMISSION });
    expect(error.message).toMatch(/^your credentials lack ecs:ExecuteCommand, which is needed on the cluster and on the task/);
    fake.aws.fail('ExecuteCommand', { code: 'AccessDeniedException', message: 'with an explicit deny in a service control policy' });
    expect((await errorOf(open())).message).toMatch(/^a service control policy of the organisation/);
  });
});

test('an agent that has ended is waited for, as ECS starts it again; but not for ever', async () => {
  await aServer();
  const task = fake.ecs.addRunning({ agent: 'STOPPED', agentReason: 'out of memory' });
  let sawIt = false;
  await open({
    onProgress: (what) => {
      sawIt ||= what === 'the agent of ECS Exec is STOPPED';
      task.agent = 'RUNNING';
    },
  });
  expect(sawIt).toBe(true);
  task.agent = 'STOPPED';
  let time = 0;
  const error = await errorOf(open({}, undefined, { now: () => time += 5000, after: () => () => undefined }));
  expect(error).toBeInstanceOf(ExecAgentError);
  expect(error.message).toMatch(/in the container engine of the task task1 has ended \(out of memory\)/);
});

describe('a session that is begun', () => {
  test('and cannot be opened because its task has ended says so', async () => {
    await aServer();
    const task = fake.ecs.addRunning();
    const error = await errorOf(open({}, async () => {
      Object.assign(task, { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedReason: 'Essential container in task exited', exitCode: 3 });
      throw new Error('it was over before it was open');
    }));
    expect(error).toMatchObject({ name: 'TaskEndedError', failure: { exitCode: 3, lastLogLines: ['the first line', 'the last line'] } });
    expect(error.message).toMatch(/^the task task1 has ended, and its session with it: Essential container in task exited, exit code 3\n/);
  });

  test('fails with the end of the sidecar that it is in, though the engine goes on', async () => {
    await aServer();
    fake.ecs.addRunning({ sidecar: {} });
    const error = await errorOf(open({ containerName: 'sidecar' }, async () => {
      fake.ecs.tasks[0].sidecar = { lastStatus: 'STOPPED', exitCode: 5, reason: 'OutOfMemoryError' };
      throw new Error('the connection was closed');
    }));
    expect(error).toMatchObject({ name: 'TaskEndedError', failure: { exitCode: 5, lastLogLines: [] } });
    expect(error.message).toBe('the container sidecar of the task task1 has ended, and its session with it: OutOfMemoryError, exit code 5');
  });

  test('and cannot be opened fails with the reason of that', async () => {
    await aServer();
    fake.ecs.addRunning();
    expect((await errorOf(open({}, async () => { throw new Error('no way'); }))).message).toBe('no way');
  });

  test('and not wanted any more is not left behind', async () => {
    await aServer();
    fake.ecs.addRunning();
    const stop = new AbortController();
    let opened: () => void = () => undefined;
    const error = errorOf(open({ signal: stop.signal }, async () => new Promise((resolve) => {
      opened = () => resolve(channel);
      stop.abort(new Error('enough'));
    })));
    expect((await error).message).toBe('enough');
    expect(channel.terminated).toBe(0);
    opened();
    await until(() => channel.terminated > 0);
    expect(channel.terminated).toBe(1);
  });
});

describe('a command is begun once', () => {
  test('where AWS fails without saying whether it has begun it', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.aws.fail('ExecuteCommand', { code: 'ServerException', status: 500, message: 'Service Unavailable' }, Infinity);
    const error = await errorOf(open());
    expect(error).toBeInstanceOf(SessionUnknownError);
    expect(begun()).toBe(1);
  });

  test('and asked for again where AWS asks to slow down', async () => {
    await aServer();
    fake.ecs.addRunning();
    fake.aws.fail('ExecuteCommand', { code: 'ThrottlingException', message: 'Rate exceeded' }, 2);
    await open();
    expect(begun()).toBe(3);
  });
});

describe('for a session', () => {
  test('KMS makes a key, bound to the session and its target', async () => {
    await aServer({ GenerateDataKey: () => ({ Plaintext: Buffer.alloc(64, 1).toString('base64'), CiphertextBlob: Buffer.from('sealed').toString('base64') }) });
    fake.ecs.addRunning();
    await open();
    const context = { 'aws:ssm:SessionId': 'ecs-execute-command-1', 'aws:ssm:TargetId': 'ecs:Cluster_task1_task1-1' };
    expect(props!.targetId).toBe(context['aws:ssm:TargetId']);
    const key = await props!.dataKey!({ kmsKeyId: 'arn:key', encryptionContext: context, numberOfBytes: 64 });
    expect([Buffer.from(key.plaintext), Buffer.from(key.ciphertext)]).toEqual([Buffer.alloc(64, 1), Buffer.from('sealed')]);
    expect(fake.aws.inputsOf('GenerateDataKey')).toEqual([{ KeyId: 'arn:key', NumberOfBytes: 64, EncryptionContext: context }]);
  });

  test('the right to use the key is asked for by name', async () => {
    await aServer({ GenerateDataKey: () => ({}) });
    fake.ecs.addRunning();
    fake.aws.fail('GenerateDataKey', { code: 'AccessDeniedException' });
    await open();
    expect((await errorOf(props!.dataKey!({ kmsKeyId: 'arn:key', encryptionContext: {}, numberOfBytes: 64 }))).message).toMatch(/your credentials need kms:GenerateDataKey on it, and the task role kms:Decrypt/);
  });

  test.each([
    ['DisabledException', 'the key arn:key, with which the cluster encrypts sessions, is disabled: enable it, or give the cluster another one ('],
    ['KMSInvalidStateException', 'waits for its deletion: cancel that, or give the cluster another one ('],
    ['NotFoundException', 'does not exist in this region: give the cluster another one ('],
  ])('what helps with %s is said', async (code, advice) => {
    await aServer({ GenerateDataKey: () => ({}) });
    fake.ecs.addRunning();
    fake.aws.fail('GenerateDataKey', { code });
    await open();
    const error = await errorOf(props!.dataKey!({ kmsKeyId: 'arn:key', encryptionContext: {}, numberOfBytes: 64 }));
    expect(error).toMatchObject({ name: 'AwsCallError', code, message: expect.stringContaining(advice) });
  });

  test('Systems Manager lets us in again', async () => {
    await aServer({ ResumeSession: () => ({ SessionId: 'ecs-execute-command-1', StreamUrl: 'wss://example.test/2', TokenValue: 'token 2' }) });
    fake.ecs.addRunning();
    await open();
    expect(await props!.resume!()).toEqual({ streamUrl: 'wss://example.test/2', tokenValue: 'token 2' });
  });

  test.each([
    ['AccessDeniedException', /lack ssm:ResumeSession/],
    ['ExpiredTokenException', /have expired/],
    ['ValidationException', /does not accept the request/],
  ])('what Systems Manager refuses with %s is not tried again', async (code, words) => {
    await aServer({ ResumeSession: () => ({}) });
    fake.ecs.addRunning();
    await open();
    fake.aws.fail('ResumeSession', { code });
    const error = await errorOf(props!.resume!());
    expect(error).toBeInstanceOf(ResumeRefusedError);
    expect(error.message).toMatch(words);
    expect(fake.aws.inputsOf('ResumeSession')).toHaveLength(1);
  });

  test('a session that Systems Manager does not know any more is over', async () => {
    await aServer({ ResumeSession: () => ({}) });
    fake.ecs.addRunning();
    await open();
    fake.aws.fail('ResumeSession', { code: 'DoesNotExistException' });
    expect(await props!.resume!()).toBeUndefined();
  });

  test('a session that is over is not tried again', async () => {
    await aServer({ ResumeSession: () => ({ SessionId: 'ecs-execute-command-1', StreamUrl: '', TokenValue: '' }) });
    fake.ecs.addRunning();
    await open();
    expect(await props!.resume!()).toBeUndefined();
  });
});

test('times that are none are refused before a session is begun', async () => {
  await aServer();
  const error = await errorOf(open({ sessionTimeoutSeconds: NaN, idleTimeoutSeconds: -1 }));
  expect(error.message).toBe('no session was opened: the time of the session is NaN: give a number of seconds above 0; '
    + 'the idle time-out is -1: give a number of seconds above 0');
  expect(begun()).toBe(0);
});
