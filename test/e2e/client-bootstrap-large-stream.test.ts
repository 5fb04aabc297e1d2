import { createHash } from 'node:crypto';
import { FrameDecoder, StreamPart } from '../../src/client/contract';
import { RunningBootstrap } from '../client/bootstrap/running-bootstrap';

let bootstrap: RunningBootstrap;
beforeAll(async () => bootstrap = await RunningBootstrap.start());
afterAll(() => bootstrap.stop());

/** A streamed call of which nothing is kept but the sum of what it has printed. */
async function stream(cmd: string) {
  const decoder = new FrameDecoder();
  const hash = createHash('sha256');
  let bytes = 0;
  const take = (part: StreamPart) => 'data' in part && hash.update(part.data);
  const answer = await bootstrap.invoke({ cmd, cmdEncoding: 'utf8', stream: true }, {
    consumer: piece => {
      bytes += piece.length;
      decoder.push(piece).forEach(take);
    },
  });
  return { answer, bytes, end: decoder.finish(), sha256: hash.digest('hex') };
}

test.each([50, 190])('%d MB are streamed in constant memory', async megabytes => {
  const random = `openssl enc -aes-128-ctr -nosalt -pass pass:x -in /dev/zero 2>/dev/null | head -c ${megabytes}000000`;
  const { end, sha256 } = await stream(random);
  const sum = await bootstrap.run(`${random} | sha256sum | cut -c1-64`);
  expect(end).toMatchObject({ exitCode: 0, stdoutBytes: megabytes * 1e6, stdoutSha256: sum.stdout.trim(), outputLimitExceeded: false });
  expect(sha256).toBe(end.stdoutSha256);
  expect(bootstrap.peakMemory()).toBeLessThan(150e6);
});

test('what is more than a streamed answer can carry ends the command, and is told in two ways', async () => {
  const { answer, bytes, end, sha256 } = await stream('yes');
  expect(bytes).toBeLessThanOrEqual(200e6);
  expect(end).toMatchObject({ outputLimitExceeded: true, signal: 'SIGKILL', timedOut: false, stdoutSha256: sha256 });
  expect(end.stdoutBytes).toBeGreaterThan(199e6);
  expect(answer.trailers['lambda-runtime-function-error-type']).toBe('Function.OutputLimitExceeded');
  expect(await bootstrap.run('echo next')).toMatchObject({ stdout: 'next\n' });
  expect(bootstrap.peakMemory()).toBeLessThan(150e6);
});
