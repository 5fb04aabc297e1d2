import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { failure, FaultyClient } from './faulty-client';
import { frame, FrameType, STREAM_MAGIC } from '../../../src/client/contract';
import { Client } from '../../../src/runtime/client';
import { InvalidInputError, NotInDeploymentError } from '../../../src/runtime/errors';
import { MemoryWatch } from '../../held-memory';
import { answerBody, answerFrames, invokeComplete, payloadChunk } from '../event-stream';
import { begin, command, FaultyEndpoint } from '../faulty-endpoint';

let faulty: FaultyClient;
let client: Client;
let endpoint: FaultyEndpoint;
beforeEach(async () => ({ client, endpoint } = faulty = await FaultyClient.open()));
afterEach(() => faulty.close());

test('a command is one streamed call, and its result says how it has ended', async () => {
  endpoint.next(command({ stdout: 'out\n', stderr: 'err\n', exitCode: 7 }));
  expect(await client.run('echo out; exit 7')).toEqual({
    exitCode: 7,
    timedOut: false,
    durationMs: 12.5,
    stdout: Buffer.from('out\n'),
    stderr: Buffer.from('err\n'),
    stdoutBytes: 4,
    stderrBytes: 4,
    stdoutSha256: createHash('sha256').update('out\n').digest('hex'),
    stderrSha256: createHash('sha256').update('err\n').digest('hex'),
    requestId: 'request-of-test',
  });
  expect(endpoint.received.map(({ url }) => url)).toEqual(['/2021-11-15/functions/Client/response-streaming-invocations']);
  expect(endpoint.events).toEqual([{ cmd: 'echo out; exit 7', cmdEncoding: 'utf8', stream: true }]);
});

test.each<[string | null, number | null, number]>([
  ['SIGKILL', null, 137], ['SIGTERM', null, 143], ['SIGUSR1', null, 138], ['SIGSYS', null, 159], ['signal 34', null, 162], [null, 0, 0], [null, 255, 255],
])('what %s and %s are to a shell', async (signal, exitCode, expected) => {
  endpoint.next(command({ signal, exitCode }));
  const result = await client.run('true');
  expect({ exitCode: result.exitCode, signal: result.signal ?? null }).toEqual({ exitCode: expected, signal });
});

test('every byte arrives as it is', async () => {
  const bytes = randomBytes(300_000);
  endpoint.next(command({ stdout: bytes, stderr: bytes }));
  const { stdout, stderr } = await client.run('true');
  expect(stdout.equals(bytes) && stderr.equals(bytes)).toBe(true);
});

test('what a command gets: variables, input and time', async () => {
  endpoint.always(command({ timedOut: true, signal: 'SIGTERM', exitCode: null }));
  await client.run('true', { env: { A: 'b=c=d', EMPTY: '' }, stdin: 'text\n' });
  await client.run(Buffer.from('echo \xff', 'latin1'), { stdin: Buffer.of(0xff, 0) });
  // As text, each NUL would take six bytes.
  await client.run('true', { stdin: Buffer.alloc(9) });
  expect(await client.run('true', { timeoutSeconds: 1.5 })).toMatchObject({ timedOut: true, exitCode: 143, signal: 'SIGTERM' });
  expect(endpoint.events).toEqual([
    { cmd: 'true', cmdEncoding: 'utf8', env: { A: 'b=c=d', EMPTY: '' }, stdin: 'text\n', stdinEncoding: 'utf8', stream: true },
    { cmd: 'ZWNobyD/', cmdEncoding: 'base64', stdin: '/wA=', stdinEncoding: 'base64', stream: true },
    { cmd: 'true', cmdEncoding: 'utf8', stdin: 'AAAAAAAAAAAA', stdinEncoding: 'base64', stream: true },
    { cmd: 'true', cmdEncoding: 'utf8', stream: true, timeoutSeconds: 1.5 },
  ]);
});

test('output is handed on while the command runs, and what nobody takes is kept', async () => {
  const [, end] = answerFrames({ stdout: '' });
  expect(end[0]).toBe(FrameType.END);
  let release = () => undefined as void;
  endpoint.next(async (response) => {
    begin(response).write(payloadChunk(Buffer.concat([STREAM_MAGIC, frame(FrameType.STDOUT, Buffer.from('first'))])));
    await new Promise<void>(resolve => release = resolve);
    const frames = answerFrames({ stdout: 'first', stderr: 'second' });
    response.end(Buffer.concat([payloadChunk(frame(FrameType.STDERR, Buffer.from('second'))), payloadChunk(frames.at(-1)!), invokeComplete()]));
  });
  const taken: string[] = [];
  const result = await client.run('true', {
    onStdout: (piece) => {
      taken.push(piece.toString());
      release();
    },
  });
  expect(taken).toEqual(['first']);
  expect({ stdout: result.stdout.toString(), stderr: result.stderr.toString(), bytes: result.stdoutBytes }).toEqual({ stdout: '', stderr: 'second', bytes: 5 });
});

test('output can be handed on and kept, or neither', async () => {
  endpoint.always(command({ stdout: 'out', stderr: 'err' }));
  expect((await client.run('true', { onStdout: () => undefined, keepOutput: true })).stdout.toString()).toBe('out');
  expect(await client.run('true', { keepOutput: false })).toMatchObject({ stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), stdoutBytes: 3 });
});

const MB = 1_000_000;

test('100 MB take no memory of their own, and a slow taker holds the sender up', async () => {
  const block = Buffer.alloc(MB, 'x');
  const hash = createHash('sha256');
  let sent = 0;
  endpoint.next(async (response) => {
    begin(response).write(payloadChunk(STREAM_MAGIC));
    for (let i = 0; i < 100; i++) {
      hash.update(block);
      if (!response.write(payloadChunk(frame(FrameType.STDOUT, block)))) {
        await once(response, 'drain');
      }
      sent += block.length;
    }
    const end = answerFrames({ stdoutBytes: sent, stdoutSha256: hash.digest('hex') }).at(-1)!;
    response.end(Buffer.concat([payloadChunk(end), invokeComplete()]));
  });
  let taken = 0;
  let sentWhileHeld = 0;
  const memory = new MemoryWatch(10 * MB);
  const result = await client.run('true', {
    onStdout: async (piece) => {
      const first = taken === 0;
      memory.take(piece.length);
      taken += piece.length;
      if (first) {
        // As much as the network takes without a reader: it has taken all that it takes when that does not change any more.
        do {
          sentWhileHeld = sent;
          await sleep(300);
        } while (sent !== sentWhileHeld);
      }
    },
  });
  expect({ taken, bytes: result.stdoutBytes, kept: result.stdout.length }).toEqual({ taken: 100 * MB, bytes: 100 * MB, kept: 0 });
  expect(sentWhileHeld).toBeLessThan(50 * MB);
  expect(memory.most).toBeLessThan(40 * MB);
});

test('what a taker throws ends the call, and reaches its caller as it is', async () => {
  const closed = new Promise(resolve => endpoint.always((response) => {
    response.on('close', resolve);
    begin(response).write(payloadChunk(Buffer.concat(answerFrames({ stdout: 'out' }).slice(0, 2))));
  }));
  const epipe = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  expect(await failure(client.run('true', { onStdout: () => { throw epipe; } }))).toBe(epipe);
  await closed;
  expect(await failure(client.run('true', { onStdout: () => Promise.reject(epipe) }))).toBe(epipe);
});

test('a signal ends the wait at any time, with its reason', async () => {
  const reason = new Error('interrupted');
  expect(await failure(client.run('true', { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(endpoint.received).toEqual([]);

  const interruption = new AbortController();
  const closed = new Promise(resolve => endpoint.next((response) => {
    response.on('close', resolve);
    interruption.abort(reason);
  }));
  expect(await failure(client.run('true', { signal: interruption.signal }))).toBe(reason);
  await closed;

  const second = new AbortController();
  endpoint.next(response => void begin(response).write(payloadChunk(Buffer.concat(answerFrames({ stdout: 'out' }).slice(0, 2)))));
  // A taker that never comes back does not hold the signal up.
  expect(await failure(client.run('true', {
    signal: second.signal,
    onStdout: () => {
      second.abort(reason);
      return new Promise(() => undefined);
    },
  }))).toBe(reason);
  endpoint.next(command());
  expect(await client.run('true')).toMatchObject({ exitCode: 0 });
});

test('one connection serves one call after the other', async () => {
  const ports = new Set<number | undefined>();
  endpoint.always((response) => {
    ports.add(response.socket!.remotePort);
    begin(response).end(answerBody());
  });
  for (let i = 0; i < 3; i++) {
    await client.run('true');
  }
  expect(ports.size).toBe(1);
});

test('mistakes are found before anything is sent, all of them', async () => {
  const error = await failure(client.run(' ', { env: { 'a-b': '' }, stdin: '\ud800', timeoutSeconds: 0 }));
  expect(error).toBeInstanceOf(InvalidInputError);
  for (const words of ['cmd is empty', '"a-b"', 'half a surrogate', 'timeoutSeconds must be']) {
    expect(error.message).toContain(words);
  }
  expect((await failure(client.run('true', { stdin: Buffer.alloc(5_000_000) }))).message).toContain('Lambda takes at most 6291456');
  // More than there is room for in a string.
  expect((await failure(client.run('true', { stdin: Buffer.alloc(600_000_000) }))).message).toMatch(/of more than 600000004 bytes, and Lambda takes at most 6291456/);
  expect(await failure(faulty.with({}, { clientFunctionName: undefined }).run('true'))).toBeInstanceOf(NotInDeploymentError);
  expect(endpoint.received).toEqual([]);
});

test('an asynchronous call is accepted or not, and its failure is to be an error', async () => {
  endpoint.next(response => void response.writeHead(202, { 'x-amzn-requestid': 'request-of-test' }).end());
  expect(await client.submit('import', { env: { A: '1' }, stdin: 'x' })).toEqual({ requestId: 'request-of-test' });
  expect(endpoint.received[0]).toMatchObject({
    url: '/2015-03-31/functions/Client/invocations', headers: expect.objectContaining({ 'x-amz-invocation-type': 'Event' }),
  });
  expect(endpoint.events).toEqual([{ cmd: 'import', cmdEncoding: 'utf8', env: { A: '1' }, stdin: 'x', stdinEncoding: 'utf8', failOnNonZero: true }]);
  const error = await failure(client.submit('import', { stdin: 'x'.repeat(1024 * 1024) }));
  expect(error.message).toMatch(/^the command .* makes an event of more than \d+ bytes, and Lambda takes at most 1048576 without waiting/);
  expect(endpoint.received).toHaveLength(1);
});
