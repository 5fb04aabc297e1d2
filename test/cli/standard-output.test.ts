import { Writable } from 'node:stream';
import { written } from '../../src/cli/standard-output';

/** A stream whose reader takes a piece when the test says so. */
function slowStream() {
  let take: () => void = () => undefined;
  const stream = new Writable({ highWaterMark: 1, write: (_piece, _encoding, done) => { take = done; } });
  return { stream: stream as unknown as NodeJS.WriteStream, take: () => take() };
}

test('waits for a slow reader, and leaves no listener behind', async () => {
  const { stream, take } = slowStream();
  for (let piece = 0; piece < 3; piece++) {
    let isWritten = false;
    const writing = written(stream, 'a piece').then(() => { isWritten = true; });
    await new Promise(resolve => setImmediate(resolve));
    expect(isWritten).toBe(false);
    take();
    await writing;
    expect(['drain', 'close', 'error'].map(event => stream.listenerCount(event))).toEqual([0, 0, 0]);
  }
});

test('does not wait for a stream that is closed meanwhile, or was before', async () => {
  const { stream } = slowStream();
  const writing = written(stream, 'a piece');
  stream.destroy();
  await writing;
  await written(stream.on('error', () => undefined), 'another');
});
