import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningBootstrap } from './running-bootstrap';
import { FrameDecoder, FrameType, StreamFault } from '../../../src/client/contract';

let bootstrap: RunningBootstrap;
beforeAll(async () => bootstrap = await RunningBootstrap.start({ CDK_VAST_HEARTBEAT_SECONDS: '0.2' }));
afterAll(() => bootstrap.stop());

test('a streamed answer: what was printed, and how it has ended', async () => {
  const { stdout, stderr, end, answer } = await bootstrap.stream('echo out; echo err >&2; exit 3');
  expect({ stdout: stdout.toString(), stderr: stderr.toString() }).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  expect(end).toMatchObject({ exitCode: 3, signal: null, timedOut: false, outputLimitExceeded: false, stdoutBytes: 4, stderrBytes: 4 });
  expect(answer.headers).toMatchObject({ 'lambda-runtime-function-response-mode': 'streaming', 'transfer-encoding': 'chunked' });
  expect(answer.trailers).toEqual({});
});

test('output arrives while the command runs, in order', async () => {
  const arrived: string[] = [];
  const decoder = new FrameDecoder();
  // Each line but the first is printed only after the one before it has arrived here.
  const cmd = 'for i in 1 2 3; do echo out $i; until [ -e out$i ]; do sleep 0.01; done; echo err $i >&2; until [ -e err$i ]; do sleep 0.01; done; done';
  await bootstrap.invoke({ cmd, cmdEncoding: 'utf8', stream: true }, {
    consumer: piece => {
      for (const part of decoder.push(piece)) {
        if ('data' in part) {
          arrived.push(part.data.toString());
          writeFileSync(join(bootstrap.scratch, part.data.toString().replace(/\s/g, '')), '');
        }
      }
    },
  });
  expect(decoder.finish().exitCode).toBe(0);
  expect(arrived).toEqual(['out 1\n', 'err 1\n', 'out 2\n', 'err 2\n', 'out 3\n', 'err 3\n']);
});

test('a silent command gives signs of life', async () => {
  const decoder = new FrameDecoder();
  // It goes on when a sign of life has arrived here.
  await bootstrap.invoke({ cmd: 'until [ -e alive ]; do sleep 0.01; done', cmdEncoding: 'utf8', stream: true }, {
    consumer: (piece) => {
      if (decoder.push(piece).some(({ type }) => type === FrameType.HEARTBEAT)) writeFileSync(join(bootstrap.scratch, 'alive'), '');
    },
  });
  expect(decoder.finish().exitCode).toBe(0);
});

test('a slow reader holds the command up, not the memory', async () => {
  const decoder = new FrameDecoder();
  const hash = createHash('sha256');
  let paused = 0;
  await bootstrap.invoke({ cmd: 'head -c 50000000 /dev/urandom | tee >(sha256sum >&2); wait; sleep 0.1', cmdEncoding: 'utf8', stream: true }, {
    consumer: (piece: Buffer, request: IncomingMessage) => {
      for (const part of decoder.push(piece)) {
        if (part.type === FrameType.STDOUT) {
          hash.update(part.data);
        }
      }
      if (paused++ % 200 === 0) {
        request.pause();
        void sleep(20).then(() => request.resume());
      }
    },
  });
  const end = decoder.finish();
  expect({ bytes: end.stdoutBytes, sha256: end.stdoutSha256 }).toEqual({ bytes: 50_000_000, sha256: hash.digest('hex') });
  expect(bootstrap.peakMemory()).toBeLessThan(150e6);
});

test('a deadline ends a streamed answer with an end', async () => {
  const { stdout, end } = await bootstrap.stream('echo before; sleep 300', { timeout: 3000 });
  // On a busy machine the time may be over before the command gets to it.
  expect(['', 'before\n']).toContain(stdout.toString());
  expect(end).toMatchObject({ timedOut: true, signal: 'SIGTERM' });
});

test('an exit code that is to be an error is one, after the end', async () => {
  const { end, answer } = await bootstrap.stream({ cmd: 'echo oops >&2; exit 3', cmdEncoding: 'utf8', failOnNonZero: true });
  expect(end.exitCode).toBe(3);
  expect(answer.trailers['lambda-runtime-function-error-type']).toBe('Function.NonZeroExit');
  const error = JSON.parse(Buffer.from(answer.trailers['lambda-runtime-function-error-body']!, 'base64').toString()) as object;
  expect(error).toMatchObject({ errorType: 'NonZeroExit', errorMessage: 'the command ended with exit code 3' });
});

test('when the connection for the answer is lost, the command is ended and the sandbox given up', async () => {
  const other = await RunningBootstrap.start();
  try {
    void other.invoke({ cmd: 'echo begun; sleep 300', cmdEncoding: 'utf8', stream: true }, { consumer: (_, request) => request.socket.destroy() });
    await other.exited;
    expect({ code: other.process.exitCode, complaints: other.complaints }).toEqual({ code: 1, complaints: expect.stringContaining('cdk-vast: ') });
  } finally {
    await other.stop();
  }
});

test('a command that takes the launcher away leaves a stream without an end, and with an error', async () => {
  const other = await RunningBootstrap.start();
  try {
    const decoder = new FrameDecoder();
    const answer = await other.invoke({ cmd: 'echo begun; sleep 0.1; kill -9 $PPID; sleep 300', cmdEncoding: 'utf8', stream: true }, {
      consumer: piece => decoder.push(piece),
    });
    expect(() => decoder.finish()).toThrow(expect.objectContaining({ fault: StreamFault.CUT }));
    expect(answer.trailers['lambda-runtime-function-error-type']).toBe('Function.LauncherLost');
  } finally {
    await other.stop();
  }
});
