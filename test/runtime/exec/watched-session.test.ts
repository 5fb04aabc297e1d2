import { FakeChannel } from './fake-channel';
import { VirtualClock } from './session/virtual-clock';
import { AwsCallError, AwsFailure } from '../../../src/runtime/aws-call-error';
import { SessionTimeoutError, TaskEndedError } from '../../../src/runtime/exec/errors';
import { SessionLimits, WatchedSession } from '../../../src/runtime/exec/watched-session';
import { errorOf } from '../server/fake-server';

const TASK_ENDED = new TaskEndedError('the task has ended', { taskArn: 'arn', reason: 'it crashed', exitCode: 3, lastLogLines: [] });

let channel: FakeChannel;
let clock: VirtualClock;
let looks: boolean[];
let seen: TaskEndedError | Error | undefined;

beforeEach(() => {
  channel = new FakeChannel();
  clock = new VirtualClock();
  looks = [];
  seen = undefined;
});

function watched(limits: SessionLimits = {}): WatchedSession {
  const session = new WatchedSession(channel, async (orWill) => {
    looks.push(orWill);
    if (seen && !(seen instanceof TaskEndedError)) {
      throw seen;
    }
    return seen as TaskEndedError | undefined;
  }, limits, clock);
  session.onOutput(() => undefined);
  return session;
}

test('a session that ends ends, without a look at its task', async () => {
  const session = watched();
  channel.end('');
  expect(await session.ended).toEqual({ message: '' });
  await clock.advance(600_000);
  expect(looks).toEqual([]);
});

test('the task is looked at when nothing is shown, less and less often', async () => {
  watched();
  for (let second = 0; second < 30; second++) {
    await clock.advance(1000);
    await channel.show('x');
  }
  expect(looks).toHaveLength(0);
  await clock.advance(300_000);
  expect(looks.length).toBeGreaterThanOrEqual(6);
  expect(looks.length).toBeLessThanOrEqual(8);
  channel.end();
});

test('a task that has ended fails its session', async () => {
  const session = watched();
  await clock.advance(9000);
  seen = TASK_ENDED;
  const failed = errorOf(session.ended);
  await clock.advance(25_000);
  expect(await failed).toBe(TASK_ENDED);
  expect(channel.terminated).toBe(1);
  expect(await errorOf(session.write(Buffer.from('x')))).toBe(TASK_ENDED);
});

test('a look that fails changes nothing', async () => {
  const session = watched();
  seen = new Error('no network');
  await clock.advance(100_000);
  expect(looks.length).toBeGreaterThan(1);
  channel.end('bye');
  expect(await session.ended).toEqual({ message: 'bye' });
});

test('a look that is denied is not repeated, and the session goes on', async () => {
  const session = watched();
  seen = new AwsCallError('denied', AwsFailure.PERMISSION, 'AccessDeniedException', 'request-1', undefined);
  await clock.advance(1_000_000);
  expect(looks).toHaveLength(1);
  channel.end('bye');
  expect(await session.ended).toEqual({ message: 'bye' });
});

test('a session that is lost with its task says so; one that is not, why it was lost', async () => {
  const lost = new Error('the session was lost');
  const session = watched();
  seen = TASK_ENDED;
  channel.lose(lost);
  expect(await errorOf(session.ended)).toBe(TASK_ENDED);
  expect(looks).toEqual([true]);
  seen = undefined;
  channel = new FakeChannel();
  const other = watched();
  channel.lose(lost);
  expect(await errorOf(other.ended)).toBe(lost);
});

test('the signal ends it, and what runs in it', async () => {
  const stop = new AbortController();
  const session = watched({ sessionSignal: stop.signal });
  const reason = new Error('enough');
  stop.abort(reason);
  expect(await errorOf(session.ended)).toBe(reason);
  expect(channel.terminated).toBe(1);
});

test('a session that does not end although it is told to is given up', async () => {
  const stop = new AbortController();
  channel.terminate = () => new Promise(() => undefined);
  const session = watched({ sessionSignal: stop.signal });
  stop.abort(new Error('enough'));
  const failed = errorOf(session.ended);
  await clock.advance(2000);
  expect((await failed).message).toBe('enough');
});

test('it lasts as long as it may', async () => {
  const session = watched({ sessionTimeoutSeconds: 20 });
  await clock.advance(19_999);
  expect(channel.terminated).toBe(0);
  const failed = errorOf(session.ended);
  await clock.advance(1);
  expect(await failed).toMatchObject({ name: 'SessionTimeoutError', time: 'WHOLE', message: expect.stringMatching(/has lasted 20 s/) });
});

test('it is idle as long as it may: what is typed and what is shown counts', async () => {
  const session = watched({ idleTimeoutSeconds: 30 });
  await clock.advance(29_000);
  await channel.show('x');
  await clock.advance(29_000);
  await session.write(Buffer.from('x'));
  await clock.advance(29_000);
  expect(channel.terminated).toBe(0);
  const failed = errorOf(session.ended);
  await clock.advance(1000);
  expect(await failed).toBeInstanceOf(SessionTimeoutError);
});
