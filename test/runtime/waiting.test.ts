import { InvalidInputError, WaitTimeoutError } from '../../src/runtime/errors';
import { changesFor, sharedTime, unlessAborted, waitFor } from '../../src/runtime/waiting';

const NEVER = () => new Promise<undefined>(() => undefined);

test('looks until there is something', async () => {
  let looks = 0;
  expect(await waitFor('it', { pollSeconds: 0 }, async () => (++looks === 3 ? 'seen' : undefined))).toBe('seen');
});

test('even a look that hangs ends with the time', async () => {
  const error = await waitFor('it', { timeoutSeconds: 0.05 }, NEVER, () => ': it hangs').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WaitTimeoutError);
  expect((error as Error).message).toBe('timed out after 0.1 s waiting for it: it hangs');
});

test('a look that is called off by the end of the time is the end of the time', async () => {
  await expect(waitFor('it', { timeoutSeconds: 0.05 }, signal => new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(Object.assign(new Error('aborted'), { name: 'AbortError' })));
  }))).rejects.toBeInstanceOf(WaitTimeoutError);
});

test('ends with the reason of the signal, in a look and between two', async () => {
  const reason = new Error('enough');
  const inLook = new AbortController();
  setTimeout(() => inLook.abort(reason), 20);
  await expect(waitFor('it', { signal: inLook.signal }, NEVER)).rejects.toBe(reason);
  const between = new AbortController();
  setTimeout(() => between.abort(reason), 20);
  await expect(waitFor('it', { signal: between.signal, pollSeconds: 1000 }, async () => undefined)).rejects.toBe(reason);
  await expect(waitFor('it', { signal: AbortSignal.abort(reason) }, async () => 'seen')).rejects.toBe(reason);
});

test('a look\'s own error is its own', async () => {
  const error = new Error('broken');
  await expect(waitFor('it', {}, () => Promise.reject(error))).rejects.toBe(error);
});

test.each([-1, NaN])('a time-out of %p is refused', async (timeoutSeconds) => {
  await expect(waitFor('it', { timeoutSeconds }, NEVER)).rejects.toBeInstanceOf(InvalidInputError);
});

test('a time-out without end is none', async () => {
  expect(await waitFor('it', { timeoutSeconds: Infinity }, async () => 'seen')).toBe('seen');
});

test('waits one after the other share their time', async () => {
  const left = sharedTime({ timeoutSeconds: 0.04, pollSeconds: 7 });
  await new Promise(resolve => setTimeout(resolve, 60));
  expect(left()).toEqual({ timeoutSeconds: 0, pollSeconds: 7 });
});

test('without a signal work is just done', async () => {
  expect(await unlessAborted(undefined, async () => 1)).toBe(1);
});

test('what is told twice in a row is heard once', () => {
  const heard: string[] = [];
  const tell = changesFor({ onProgress: what => heard.push(what) });
  ['a', 'a', 'b', 'a'].forEach(tell);
  expect(heard).toEqual(['a', 'b', 'a']);
});
