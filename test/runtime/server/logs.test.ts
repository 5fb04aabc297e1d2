import { FakeLog } from './fake-log';
import { errorOf, FakeServer } from './fake-server';
import { DeploymentOutput } from '../../../src/discovery/deployment-output';
import { InvalidInputError, NotInDeploymentError } from '../../../src/runtime/errors';
import { LogEvent, LogNotFoundError, LogOptions, LogSource } from '../../../src/runtime/server';

let fake: FakeServer;
let log: FakeLog;
afterEach(() => fake.close());

async function open(deployment: Partial<DeploymentOutput> = {}) {
  log = new FakeLog();
  fake = await FakeServer.open(log.actions, deployment);
}

/** The messages that are handed out; with `until`, the log is followed until that message. */
async function messages(options: Partial<LogOptions> = {}, until?: string): Promise<string[]> {
  const got: string[] = [];
  const abort = new AbortController();
  const onEvent = ({ message }: LogEvent) => {
    got.push(message);
    if (message === until) {
      abort.abort();
    }
  };
  await fake.server.logs({ pollSeconds: 0.01, ...until !== undefined && { follow: true, signal: abort.signal }, ...options, onEvent });
  return got;
}

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);

describe('the past', () => {
  test('is whole, page by page', async () => {
    await open();
    numbers(1, 20).forEach((line, index) => log.write(line, { secondsAgo: 1000 - index }));
    expect(await messages()).toEqual(numbers(1, 20));
  });

  test('since a time', async () => {
    await open();
    numbers(1, 9).forEach((line, index) => log.write(line, { secondsAgo: 950 - index * 100 }));
    expect(await messages({ since: new Date(Date.now() - 500_000) })).toEqual(numbers(6, 9));
  });

  test.each([0, 1, 4, 8, 100])('its last %i events, however far back they are', async (last) => {
    await open();
    [200_000_00, 3_000_000, 90_000, 4_000, 3_900, 100, 50, 1].forEach((secondsAgo, index) => log.write(`line ${index + 1}`, { secondsAgo }));
    expect(await messages({ last })).toEqual(numbers(1, 8).slice(last === 0 ? 8 : -last));
  });

  test('its last events since a time', async () => {
    await open();
    numbers(1, 9).forEach((line, index) => log.write(line, { secondsAgo: 950 - index * 100 }));
    expect(await messages({ last: 8, since: new Date(Date.now() - 500_000) })).toEqual(numbers(6, 9));
  });

  test('has what is known of an event', async () => {
    await open();
    log.write('hello', { secondsAgo: 5 });
    const events: LogEvent[] = [];
    await fake.server.logs({ onEvent: event => void events.push(event) });
    expect(events).toEqual([{
      id: 'event-0',
      time: new Date(log.events[0].timestamp),
      ingestionTime: new Date(log.events[0].ingestionTime),
      message: 'hello',
      stream: 'server/engine/task1',
    }]);
  });

  test('of one task, of an extra one, of the client', async () => {
    await open();
    log.write('one');
    log.write('two', { stream: 'server/engine/task2' });
    log.write('three', { stream: 'task/task/task3' });
    log.write('four', { stream: '2026/01/01/[$LATEST]1', group: '/vast/client' });
    expect(await messages()).toEqual(['one', 'two', 'three']);
    expect(await messages({ taskId: 'task2' })).toEqual(['two']);
    expect(await messages({ taskId: 'arn:aws:ecs:eu-west-1:1:task/Cluster/task3' })).toEqual(['three']);
    expect(await messages({ which: LogSource.CLIENT })).toEqual(['four']);
  });

  test('waits for whoever takes the events', async () => {
    await open();
    numbers(1, 4).forEach(line => log.write(line));
    const got: string[] = [];
    await fake.server.logs({
      onEvent: async ({ message }) => {
        got.push(`${message} begins`);
        await new Promise(resolve => setTimeout(resolve, 5));
        got.push(`${message} ends`);
      },
    });
    expect(got).toEqual(numbers(1, 4).flatMap(line => [`${line} begins`, `${line} ends`]));
  });

  test('ends with the signal\'s reason', async () => {
    await open();
    numbers(1, 9).forEach(line => log.write(line));
    const abort = new AbortController();
    const reason = new Error('enough');
    expect(await errorOf(fake.server.logs({ signal: abort.signal, onEvent: () => abort.abort(reason) }))).toBe(reason);
  });
});

describe('following', () => {
  test('hands out what comes, once', async () => {
    await open();
    log.write('before', { secondsAgo: 5 });
    log.onRead = (reads) => {
      if (reads <= 6) {
        log.write(`read ${reads}`);
        log.write(`read ${reads}`);
      } else {
        log.write('end');
      }
    };
    expect(await messages({}, 'end')).toEqual(['before', ...[1, 2, 3, 4, 5, 6].flatMap(read => Array<string>(2).fill(`read ${read}`)), 'end']);
  });

  test('loses nothing that arrives late, with an older time', async () => {
    await open();
    log.write('newest');
    log.onRead = (reads) => {
      if (reads === 3) {
        log.write('late', { secondsAgo: 40, stream: 'server/engine/task2' });
      } else if (reads === 5) {
        log.write('end');
      }
    };
    expect(await messages({}, 'end')).toEqual(['newest', 'late', 'end']);
  });

  test('a clock that is ahead hides nothing', async () => {
    await open();
    log.write('from the future', { secondsAgo: -3600 });
    log.onRead = reads => reads === 3 && log.write('end');
    expect(await messages({}, 'end')).toEqual(['from the future', 'end']);
  });

  test('begins with the last events, and does not bring those that were cut off', async () => {
    await open();
    numbers(1, 6).forEach((line, index) => log.write(line, { secondsAgo: 20 - index }));
    log.onRead = reads => reads === 4 && log.write('end');
    expect(await messages({ last: 2 }, 'end')).toEqual(['line 5', 'line 6', 'end']);
  });

  test('with none of the past, only what is new', async () => {
    await open();
    numbers(1, 6).forEach((line, index) => log.write(line, { secondsAgo: 20 - index }));
    log.onRead = reads => reads === 4 && log.write('end');
    expect(await messages({ last: 0 }, 'end')).toEqual(['end']);
  });

  test('waits for a task that has not begun to write', async () => {
    await open();
    log.write('other', { stream: 'server/engine/task2' });
    const writing = setTimeout(() => log.write('end', { stream: 'server/engine/task1' }), 100);
    expect(await messages({ taskId: 'task1' }, 'end')).toEqual(['end']);
    clearTimeout(writing);
  });

  test('goes on when AWS asks to slow down', async () => {
    await open();
    log.onRead = reads => (reads === 2 ? fake.aws.fail('FilterLogEvents', { code: 'ThrottlingException' }, 2) : reads === 4 && log.write('end'));
    expect(await messages({}, 'end')).toEqual(['end']);
  });
});

describe('is refused', () => {
  test('for a task without a log', async () => {
    await open();
    expect(await errorOf(messages({ taskId: 'task9' }))).toBeInstanceOf(LogNotFoundError);
  });

  test('for a log group that is gone', async () => {
    await open({ logGroupName: '/gone' });
    const error = await errorOf(messages());
    expect(error).toBeInstanceOf(LogNotFoundError);
    expect(error.message).toMatch(/^the log group \/gone is not there \(request request-/);
  });

  test('for a client that there is not, and tasks of one', async () => {
    await open({ clientLogGroupName: undefined });
    expect(await errorOf(messages({ which: LogSource.CLIENT }))).toBeInstanceOf(NotInDeploymentError);
    expect(await errorOf(messages({ which: LogSource.CLIENT, taskId: '1' }))).toBeInstanceOf(InvalidInputError);
  });

  test.each([-1, 1.5, NaN])('for the last %p events', async (last) => {
    await open();
    expect(await errorOf(messages({ last }))).toBeInstanceOf(InvalidInputError);
  });

  test('since no time at all', async () => {
    await open();
    expect(await errorOf(messages({ since: new Date('yesterday') }))).toBeInstanceOf(InvalidInputError);
  });
});
