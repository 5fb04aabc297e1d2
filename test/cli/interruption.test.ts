import { setTimeout as sleep } from 'node:timers/promises';
import { interruptible } from '../../src/cli/interruption';

let said: jest.SpyInstance;
beforeEach(() => said = jest.spyOn(process.stderr, 'write').mockReturnValue(true));
afterEach(() => said.mockRestore());

/** Ctrl-C, as far as this process is told of it. */
const interrupt = (signal: NodeJS.Signals = 'SIGINT') => process.emit(signal, signal);

test('Ctrl-C ends the wait, and says what goes on by then', async () => {
  const ended = interruptible('nothing was deployed', async ({ signal, goesOn }) => {
    goesOn('CloudFormation goes on');
    await sleep(60_000, undefined, { signal });
    return 0;
  });
  interrupt();
  expect(await ended).toBe(130);
  expect(said.mock.calls).toEqual([['interrupted; CloudFormation goes on\n']]);
});

test.each([['SIGHUP', 129], ['SIGTERM', 143]] as const)('%s, too', async (signal, exitCode) => {
  const ended = interruptible('nothing was deployed', async ({ signal: aborted }) => sleep(60_000, 0, { signal: aborted }));
  interrupt(signal);
  expect(await ended).toBe(exitCode);
  expect(said.mock.calls).toEqual([['interrupted; nothing was deployed\n']]);
});

test('before anything has begun, that is said', async () => {
  const ended = interruptible('nothing was deployed', async ({ signal }) => sleep(60_000, 0, { signal }));
  interrupt();
  expect(await ended).toBe(130);
  expect(said.mock.calls).toEqual([['interrupted; nothing was deployed\n']]);
});

test('what is through when Ctrl-C comes is through, and a failure is one', async () => {
  expect(await interruptible('', async () => 7)).toBe(7);
  await expect(interruptible('', async () => { throw new Error('no'); })).rejects.toThrow('no');
  expect(said).not.toHaveBeenCalled();
});

test('nobody listens to Ctrl-C afterwards', async () => {
  const before = process.listenerCount('SIGINT');
  await interruptible('', async () => 0);
  expect(process.listenerCount('SIGINT')).toBe(before);
});
