import { arn, definition, inSubnet } from './fake-ecs';
import { errorOf, FakeServer, QUICK } from './fake-server';
import { DeploymentNotFoundError, WaitTimeoutError } from '../../../src/runtime/errors';
import { ServerChangedError, TaskKind } from '../../../src/runtime/server';
import { FaultError } from '../fake-aws';

let fake: FakeServer;
afterEach(() => fake.close());

/** The most tasks of the service that were there at one time. */
function countTasks(): () => number {
  let most = 0;
  fake.ecs.onTick = () => { most = Math.max(most, fake.ecs.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length); };
  return () => most;
}

describe('stop', () => {
  test('returns when the container has ended, however long that takes', async () => {
    fake = await FakeServer.open();
    const task = fake.ecs.addRunning({ linger: 6 });
    const told: string[] = [];
    expect(await fake.server.stop({ ...QUICK, onProgress: what => told.push(what) })).toEqual({ stoppedTasks: 1, alreadyStopped: false });
    expect(task.lastStatus).toBe('STOPPED');
    expect(fake.counts()).toEqual([0]);
    expect(told).toContain('task task1: STOPPING');
  });

  test('has nothing to do where nothing runs', async () => {
    fake = await FakeServer.open();
    expect(await fake.server.stop(QUICK)).toEqual({ stoppedTasks: 0, alreadyStopped: true });
    expect(fake.counts()).toEqual([]);
  });

  test('waits for a task that another stop has left', async () => {
    fake = await FakeServer.open();
    const task = fake.ecs.addRunning({ linger: 4, desiredStatus: 'STOPPED', lastStatus: 'DEACTIVATING' });
    fake.ecs.desiredCount = 0;
    expect(await fake.server.stop(QUICK)).toEqual({ stoppedTasks: 1, alreadyStopped: false });
    expect(task.lastStatus).toBe('STOPPED');
    expect(fake.counts()).toEqual([]);
  });

  test('a task that is not in ECS\'s list yet is waited for', async () => {
    fake = await FakeServer.open();
    fake.ecs.listLag = 5;
    const task = fake.ecs.addRunning({ linger: 9, listedFrom: 5 });
    expect(await fake.server.stop(QUICK)).toEqual({ stoppedTasks: 1, alreadyStopped: false });
    expect(task.lastStatus).toBe('STOPPED');
  });

  test('one that appears although ECS counts none, too', async () => {
    fake = await FakeServer.open();
    fake.ecs.desiredCount = 1;
    fake.ecs.rolloutState = 'FAILED';
    fake.ecs.onTick = (tick) => {
      if (tick === 3) {
        fake.ecs.add({ life: [{ lastStatus: 'RUNNING' }], linger: 3 });
      }
    };
    await fake.server.stop(QUICK);
    expect(fake.ecs.tasks.map(({ lastStatus }) => lastStatus)).toEqual(['STOPPED']);
  });

  test('a stale answer is not taken for a start by somebody else', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 9 });
    fake.ecs.falseEvery = 3;
    expect(await fake.server.stop(QUICK)).toMatchObject({ stoppedTasks: 1 });
  });

  test('when the time is over, it says what is left', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 1e9 });
    const error = await errorOf(fake.server.stop({ ...QUICK, timeoutSeconds: 2 }));
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.message).toMatch(/^timed out after [\d.]+ s waiting for the tasks of Service to end: task task1: STOPPING\. What ECS was told to do goes on$/);
  });

  test('a start by somebody else ends it', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 1e9 });
    fake.ecs.onTick = (tick) => {
      if (tick === 5) {
        fake.ecs.desiredCount = 1;
      }
    };
    expect(await errorOf(fake.server.stop(QUICK))).toBeInstanceOf(ServerChangedError);
  });
});

describe('restart', () => {
  test('never has two tasks at a time', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 6 });
    fake.ecs.countLag = 3;
    const most = countTasks();
    expect(await fake.server.restart(QUICK)).toMatchObject({ task: { taskId: 'task2' }, alreadyRunning: false, engineAnswered: true });
    expect(fake.counts()).toEqual([0, 1]);
    expect(most()).toBe(1);
  });

  test('starts a stopped server', async () => {
    fake = await FakeServer.open();
    expect(await fake.server.restart(QUICK)).toMatchObject({ task: { taskId: 'task1' }, engineAnswered: true });
    expect(fake.counts()).toEqual([1]);
  });

  test('has one time-out for all of it', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 1e9 });
    const error = await errorOf(fake.server.restart({ ...QUICK, timeoutSeconds: 2 }));
    expect(error).toBeInstanceOf(WaitTimeoutError);
    expect(error.message).toMatch(/The server was not started again: start it when it has stopped$/);
    expect(fake.counts()).toEqual([0]);
  });
});

describe('stopAllTasks', () => {
  const others = { group: 'family:Other', taskDefinitionArn: definition('Other') };
  const extra = { group: 'family:Extra', taskDefinitionArn: definition('Extra'), lastStatus: 'RUNNING', life: [] };

  test('stops the server, extra tasks and what was run by hand, and nothing else in the cluster', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning();
    fake.ecs.add({ ...extra, linger: 5 });
    fake.ecs.add({ ...extra, group: 'family:Server', taskDefinitionArn: definition('Server') });
    const other = fake.ecs.add({ ...extra, ...others });
    fake.ecs.add({ ...extra, taskArn: arn('earlier'), lastStatus: 'STOPPED', desiredStatus: 'STOPPED' });
    const stopped = await fake.server.stopAllTasks(QUICK);
    expect(stopped.map(({ taskId, kind }) => [taskId, kind])).toEqual([['task1', TaskKind.SERVER], ['task2', TaskKind.EXTRA], ['task3', TaskKind.EXTRA]]);
    expect(stopped.map(({ lastStatus, stop }) => [lastStatus, stop?.failed])).toEqual(Array(3).fill(['STOPPED', false]));
    expect(other).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'RUNNING' });
    expect(fake.aws.inputsOf('StopTask').map(({ task }) => task)).toEqual([arn('task2'), arn('task3')]);
  });

  test('leaves those of another deployment alone whose families have the same names, and stops its own of an earlier revision', async () => {
    fake = await FakeServer.open();
    const own = fake.ecs.add({ ...extra, taskDefinitionArn: definition('Extra', 3), attachments: inSubnet('subnet-1') });
    const theirs = [
      fake.ecs.add({ ...extra, taskDefinitionArn: definition('Extra', 8), attachments: inSubnet('subnet-2') }),
      fake.ecs.add({ ...extra, group: 'service:Theirs', taskDefinitionArn: definition('Server', 8), attachments: inSubnet('subnet-2') }),
    ];
    expect((await fake.server.tasks()).map(({ taskArn }) => taskArn)).toEqual([own.taskArn]);
    expect((await fake.server.stopAllTasks(QUICK)).map(({ taskArn }) => taskArn)).toEqual([own.taskArn]);
    expect(fake.aws.inputsOf('StopTask').map(({ task }) => task)).toEqual([own.taskArn]);
    expect(theirs.map(({ desiredStatus }) => desiredStatus)).toEqual(['RUNNING', 'RUNNING']);
  });

  test('a task of an earlier revision is waited for until ECS says in which subnet it is', async () => {
    fake = await FakeServer.open();
    const task = fake.ecs.add({ ...extra, taskDefinitionArn: definition('Extra', 3), attachments: [] });
    fake.ecs.onTick = tick => tick === 4 && Object.assign(task, { attachments: inSubnet('subnet-1') });
    expect((await fake.server.stopAllTasks(QUICK)).map(({ taskArn }) => taskArn)).toEqual([task.taskArn]);
  });

  test('an extra task that appears late is stopped, too', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 8 });
    fake.ecs.onTick = tick => tick === 4 && fake.ecs.add({ ...extra });
    expect(await fake.server.stopAllTasks(QUICK)).toHaveLength(2);
  });

  test('stops the tasks that a service has left which is deleted, as a deletion of the stack does that has failed', async () => {
    fake = await FakeServer.open();
    fake.ecs.deleted = true;
    fake.ecs.addRunning({ desiredStatus: 'STOPPED', lastStatus: 'DEACTIVATING', linger: 4 });
    fake.ecs.desiredCount = 0;
    fake.ecs.add({ ...extra });
    expect((await fake.server.tasks()).map(({ taskId }) => taskId)).toEqual(['task2', 'task1']);
    expect((await fake.server.stopAllTasks(QUICK)).map(({ taskId, lastStatus }) => [taskId, lastStatus])).toEqual([['task1', 'STOPPED'], ['task2', 'STOPPED']]);
    expect(fake.aws.inputsOf('StopTask').map(({ task }) => task)).toEqual([arn('task2')]);
    expect(fake.counts()).toEqual([]);
  });

  test('goes on when the service is deleted meanwhile', async () => {
    fake = await FakeServer.open();
    fake.ecs.addRunning({ linger: 6 });
    fake.ecs.onTick = (tick) => { fake.ecs.deleted ||= tick === 4; };
    expect((await fake.server.stopAllTasks(QUICK)).map(({ taskId }) => taskId)).toEqual(['task1']);
  });

  test('finds no task in a cluster that is gone', async () => {
    const gone = () => { throw new FaultError({ code: 'ClusterNotFoundException' }); };
    fake = await FakeServer.open({ DescribeServices: gone, ListTasks: gone });
    expect(await fake.server.stopAllTasks(QUICK)).toEqual([]);
    expect(await errorOf(fake.server.tasks())).toBeInstanceOf(DeploymentNotFoundError);
  });

  test('waits for a one-off task that is not in ECS\'s list yet', async () => {
    fake = await FakeServer.open();
    fake.ecs.add({ ...extra, listedFrom: 3 });
    expect((await fake.server.stopAllTasks(QUICK)).map(({ taskId }) => taskId)).toEqual(['task1']);
  });

  test('has nothing to do where nothing runs', async () => {
    fake = await FakeServer.open();
    fake.ecs.add({ ...extra, ...others });
    expect(await fake.server.stopAllTasks(QUICK)).toEqual([]);
    expect(fake.counts()).toEqual([]);
  });
});
