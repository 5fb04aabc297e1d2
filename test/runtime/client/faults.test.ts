import { createServer } from 'node:net';
import { failure, FaultyClient } from './faulty-client';
import { STREAM_MAGIC } from '../../../src/client/contract';
import { AwsCallError, AwsFailure } from '../../../src/runtime/aws-call-error';
import { AwsConnection } from '../../../src/runtime/aws-connection';
import { CallFault, Client, ClientFunctionError, OutcomeUnknownError } from '../../../src/runtime/client';
import { SYSTEM_CLOCK } from '../../../src/runtime/exec/session/clock';
import { answerBody, answerFrames, FakeCommand, invokeComplete, payloadChunk } from '../event-stream';
import { answer, awsError, command, FaultyEndpoint, hangUp, Reaction, silence } from '../faulty-endpoint';
import { DEPLOYMENT } from '../server/fake-server';

let faulty: FaultyClient;
let client: Client;
let endpoint: FaultyEndpoint;
beforeEach(async () => ({ client, endpoint } = faulty = await FaultyClient.open()));
afterEach(() => faulty.close());

const THROTTLED = awsError(429, 'TooManyRequestsException', 'Rate Exceeded.');
const COMMAND: FakeCommand = { stdout: 'out', stderr: 'err', exitCode: 7 };

/** Runs a command, which has to fail in this way after so many requests. */
async function fails<E extends Error>(kind: new (...args: never[]) => E, requests: number, running: Promise<unknown> = client.run('import')): Promise<E> {
  const error = await failure(running);
  expect({ name: error.name, message: error.message, is: error instanceof kind }).toMatchObject({ is: true });
  expect(endpoint.received).toHaveLength(requests);
  return error as unknown as E;
}

describe('refused without a doubt', () => {
  test('throttling is waited out', async () => {
    endpoint.next(...Array<Reaction>(7).fill(THROTTLED), command(COMMAND));
    expect(await client.run('import')).toMatchObject({ exitCode: 7 });
    expect(endpoint.received).toHaveLength(8);
  });

  test('but not for ever', async () => {
    endpoint.always(THROTTLED);
    expect(await fails(AwsCallError, 8)).toMatchObject({
      failure: AwsFailure.THROTTLED, code: 'TooManyRequestsException', requestId: 'request-of-error', message: expect.stringContaining('slow down'),
    });
  });

  test.each([
    [409, 'ResourceConflictException'], [502, 'ResourceNotReadyException'], [502, 'ENILimitReachedException'], [502, 'EC2ThrottledException'],
  ])('%d %s: so is a function that is not ready', async (status, code) => {
    endpoint.next(awsError(status, code), command(COMMAND));
    expect(await client.run('import')).toMatchObject({ exitCode: 7 });
    endpoint.always(awsError(status, code));
    expect(await fails(AwsCallError, 2 + 8)).toMatchObject({ code });
  });

  test('a pause can be ended by the signal', async () => {
    const interruption = new AbortController();
    endpoint.always((response, request) => {
      setImmediate(() => interruption.abort(new Error('interrupted')));
      return THROTTLED(response, request);
    });
    expect(await failure(faulty.with({ firstPauseMs: 1e6 }).run('import', { signal: interruption.signal }))).toBe(interruption.signal.reason);
    expect(endpoint.received).toHaveLength(1);
  });

  test('what AWS will not accept another time either is sent once', async () => {
    endpoint.next(awsError(403, 'ExpiredTokenException', 'The security token included in the request is expired'));
    expect(await fails(AwsCallError, 1)).toMatchObject({ failure: AwsFailure.CREDENTIALS, message: expect.stringMatching(/^the AWS credentials have expired: log in again/) });
    endpoint.next(awsError(403, 'AccessDeniedException'));
    expect(await fails(AwsCallError, 2)).toMatchObject({ failure: AwsFailure.PERMISSION });
    endpoint.next(awsError(404, 'ResourceNotFoundException'));
    expect(await fails(AwsCallError, 3)).toMatchObject({ failure: AwsFailure.REQUEST });
    endpoint.next(awsError(502, 'EC2AccessDeniedException'));
    expect(await fails(AwsCallError, 4)).toMatchObject({ failure: AwsFailure.SERVICE, message: expect.stringContaining('the command was not run') });
  });

  test.each([[403, 'InvalidSignatureException'], [403, 'RequestTimeTooSkewed']])('%d %s: a wrong clock is corrected by that of AWS', async (status, code) => {
    const theirs = new Date(Date.now() + 3_600_000);
    endpoint.next(awsError(status, code, 'Signature expired', { date: theirs.toUTCString() }), command(COMMAND));
    expect(await client.run('import')).toMatchObject({ exitCode: 7 });
    const signed = endpoint.received.map(({ headers }) => (headers['x-amz-date'] as string).slice(0, 11));
    const hour = theirs.toISOString().replace(/[-:]/g, '').slice(0, 11);
    expect(signed.map(time => time === hour)).toEqual([false, true]);
  });

  test('but once, and only where it was wrong', async () => {
    endpoint.always(awsError(403, 'InvalidSignatureException', 'Signature expired', { date: new Date(Date.now() + 3_600_000).toUTCString() }));
    expect(await fails(AwsCallError, 2)).toMatchObject({ failure: AwsFailure.CREDENTIALS });
    const connection = new AwsConnection({ endpoint: endpoint.url, region: 'eu-west-1' });
    const fresh = new Client(connection, DEPLOYMENT);
    endpoint.always(awsError(403, 'InvalidSignatureException', 'The signature does not match'));
    expect(await fails(AwsCallError, 3, fresh.run('import'))).toMatchObject({ failure: AwsFailure.CREDENTIALS, message: expect.stringContaining('AWS_SECRET_ACCESS_KEY') });
  });

  test('where nobody listens, nothing is sent, and the next attempt may find somebody', async () => {
    const listener = createServer();
    await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as { port: number };
    await new Promise(resolve => listener.close(resolve));
    for (const host of ['127.0.0.1', 'localhost']) {
      const connection = new AwsConnection({ endpoint: `http://${host}:${port}`, region: 'eu-west-1' });
      const error = await failure(new Client(connection, DEPLOYMENT, { firstPauseMs: 1 }).run('import'));
      expect(error).toMatchObject({ name: 'AwsCallError', failure: AwsFailure.UNREACHABLE });
      const patient = new Client(connection, DEPLOYMENT, { firstPauseMs: 1000, connectionAttempts: 20 }).run('import');
      const late = createServer(socket => socket.once('data', () => {
        const body = answerBody(COMMAND);
        socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Type: application/vnd.amazon.eventstream\r\nContent-Length: ${body.length}\r\n\r\n`), body]));
      }));
      await new Promise<void>(resolve => late.listen(port, host, resolve));
      expect(await patient).toMatchObject({ exitCode: 7 });
      connection.close();
      await new Promise(resolve => late.close(resolve));
    }
  });

  test('without credentials, nothing is sent', async () => {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = process.env;
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' });
    delete process.env.AWS_ACCESS_KEY_ID;
    try {
      expect(await fails(AwsCallError, 0)).toMatchObject({ failure: AwsFailure.CREDENTIALS });
    } finally {
      Object.assign(process.env, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY });
    }
  });
});

describe('perhaps accepted: never sent twice, and nothing is claimed', () => {
  test.each<[string, Reaction]>([
    ['500', awsError(500, 'ServiceException')],
    ['502 without a name', response => void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>')],
    ['503', awsError(503, 'ServiceUnavailableException')],
    ['504', awsError(504, 'GatewayTimeout')],
    ['a connection that ends', hangUp],
    ['a connection that breaks', response => response.socket!.resetAndDestroy() && undefined],
    ['a stream of another kind', response => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Welcome to the hotel</html>')],
  ])('%s', async (_, reaction) => {
    endpoint.always(reaction);
    const error = await fails(OutcomeUnknownError, 1);
    expect(error.message).toMatch(/whether and how the command has ended is unknown\. Look at what it should have done, and into the log \/vast\/client,/);
    expect((await failure(client.submit('import'))).name).toBe('OutcomeUnknownError');
    expect(endpoint.received).toHaveLength(2);
  });

  test('an error of the service has AWS\'s request id', async () => {
    endpoint.always(awsError(500, 'ServiceException', 'sorry'));
    expect(await fails(OutcomeUnknownError, 1)).toMatchObject({
      fault: CallFault.NO_ANSWER, requestId: 'request-of-error', message: expect.stringMatching(/ServiceException: sorry.*\(request request-of-error\)$/),
    });
  });

  test('an answer that was cut, wherever', async () => {
    const whole = answerBody(COMMAND);
    const boundaries = [0];
    for (const piece of [...answerFrames(COMMAND).map(payloadChunk), invokeComplete()]) {
      boundaries.push(boundaries.at(-1)! + piece.length);
    }
    const inside = boundaries.slice(1).flatMap((end, index) => {
      const start = boundaries[index];
      return [start + 1, start + 4, Math.floor((start + end) / 2), end - 1];
    });
    const places = [...new Set([...boundaries, ...inside])].filter(place => place < whole.length);
    for (const cut of [true, false]) {
      for (const place of places) {
        endpoint.next(answer(whole.subarray(0, place), cut));
        const before = endpoint.received.length;
        const error = await failure(client.run('import'));
        // Without a byte of the body, it depends on the moment whether there was an answer at all.
        expect(error.fault).toMatch(place === 0 ? /^(NO_ANSWER|CUT)$/ : /^CUT$/);
        expect({ place, cut, name: error.name, requests: endpoint.received.length - before })
          .toEqual({ place, cut, name: 'OutcomeUnknownError', requests: 1 });
      }
    }
    endpoint.next(answer(whole));
    expect(await client.run('import')).toMatchObject({ exitCode: 7 });
  });

  test('what arrived before the cut has been handed on, and the message says how much', async () => {
    endpoint.next(answer(Buffer.concat(answerFrames(COMMAND).slice(0, -1).map(payloadChunk)), true));
    let taken = '';
    const error = await fails(OutcomeUnknownError, 1, client.run('import', { onStdout: (piece) => { taken += piece.toString(); } }));
    expect(taken).toBe('out');
    expect(error).toMatchObject({ message: expect.stringContaining('cut after 3 bytes of stdout and 3 bytes of stderr'), requestId: 'request-of-test' });
  });

  test.each<[string, Buffer]>([
    ['no frames', Buffer.alloc(0)],
    ['no end frame', Buffer.concat(answerFrames(COMMAND).slice(0, -1).map(payloadChunk))],
  ])('%s, although Lambda calls the answer complete', async (_, bytes) => {
    endpoint.next(answer(Buffer.concat([bytes, invokeComplete()])));
    expect(await fails(OutcomeUnknownError, 1)).toMatchObject({ fault: CallFault.CUT });
  });

  test.each<[string, FakeCommand]>([
    ['another sum', { ...COMMAND, stdoutSha256: 'f'.repeat(64) }],
    ['fewer bytes', { ...COMMAND, stderrBytes: 4 }],
  ])('%s than the end says', async (_, what) => {
    endpoint.next(command(what));
    expect(await fails(OutcomeUnknownError, 1)).toMatchObject({ fault: CallFault.DAMAGED, requestId: 'request-of-test' });
  });

  test('a byte that changed on the way', async () => {
    const bytes = answerBody(COMMAND);
    bytes.write('E', bytes.indexOf('err'));
    endpoint.next(answer(bytes));
    expect(await fails(OutcomeUnknownError, 1)).toMatchObject({ message: expect.stringContaining('checksum') });
  });

  test.each<[string, Buffer, CallFault]>([
    ['the answer of another function', Buffer.from('{"hello": "world"}'), CallFault.NOT_UNDERSTOOD],
    ['frames of a later release', Buffer.concat([STREAM_MAGIC.subarray(0, -1), Buffer.of(9)]), CallFault.NOT_UNDERSTOOD],
    ['noise between the frames', Buffer.concat([STREAM_MAGIC, Buffer.from('no frame at all')]), CallFault.DAMAGED],
  ])('%s', async (_, bytes, fault) => {
    endpoint.next(answer(Buffer.concat([payloadChunk(bytes), invokeComplete()])));
    expect(await fails(OutcomeUnknownError, 1)).toMatchObject({ fault });
  });
});

describe('silence has an end', () => {
  /** The limit of a call is reached as soon as the endpoint has its request, and has begun an answer of these bytes. */
  function endsWithTheRequest(bytes?: Buffer): void {
    let reached = (): void => undefined;
    jest.spyOn(SYSTEM_CLOCK, 'after').mockImplementation((_, callback) => {
      reached = callback;
      return () => undefined;
    });
    endpoint.always((response, request) => {
      void silence(bytes)(response, request);
      reached();
    });
  }

  afterEach(() => jest.restoreAllMocks());

  test.each<[string, Buffer | undefined]>([['without an answer', undefined], ['without a byte', Buffer.alloc(0)]])('%s', async (_, bytes) => {
    endsWithTheRequest(bytes);
    expect(await fails(OutcomeUnknownError, 1)).toMatchObject({ fault: CallFault.NO_ANSWER });
  });

  test('without an answer to an asynchronous call', async () => {
    endsWithTheRequest();
    expect(await fails(OutcomeUnknownError, 1, client.submit('import'))).toMatchObject({ fault: CallFault.NO_ANSWER });
  });

  test('in the midst of an answer; and the connection is let go', async () => {
    const closed = new Promise(resolve => endpoint.always((response, request) => {
      response.on('close', resolve);
      return silence(payloadChunk(STREAM_MAGIC))(response, request);
    }));
    expect(await fails(OutcomeUnknownError, 1, faulty.with({ silenceMs: 100 }).run('import'))).toMatchObject({ fault: CallFault.SILENT });
    await closed;
  });

  test('signs of life are none for a command whose time is over', async () => {
    endpoint.next((response, request) => {
      void silence(payloadChunk(STREAM_MAGIC))(response, request);
      const heart = setInterval(() => response.write(payloadChunk(Buffer.of(3, 0, 0, 0, 0))), 20);
      response.on('close', () => clearInterval(heart));
    });
    expect(await fails(OutcomeUnknownError, 1, faulty.with({ silenceMs: 10_000, overtimeMs: 100 }).run('import', { timeoutSeconds: 0.1 })))
      .toMatchObject({ fault: CallFault.OVERDUE });
  });

  test('a taker that takes its time is no silence', async () => {
    endpoint.next(command(COMMAND));
    // The limits are long for an answer that is there at once, and the taker takes longer.
    const onStdout = async () => new Promise<void>(resolve => setTimeout(resolve, 2500));
    expect(await faulty.with({ silenceMs: 2000, overtimeMs: 2000 }).run('import', { timeoutSeconds: 0.01, onStdout })).toMatchObject({ exitCode: 7 });
  });

  test('an answer that is complete is one, even if its connection is not closed', async () => {
    endpoint.next(silence(answerBody(COMMAND)));
    expect(await client.run('import')).toMatchObject({ exitCode: 7 });
  });
});

describe('errors of the function', () => {
  const errorOf = (errorType: string) => ({ ErrorCode: errorType, ErrorDetails: JSON.stringify({ errorType, errorMessage: 'what it says' }) });

  test.each<[string, Buffer, string, RegExp]>([
    ['before it began', invokeComplete(errorOf('InvalidEvent')), 'InvalidEvent', /the command was not run/],
    ['as its answer', Buffer.concat([payloadChunk(Buffer.from('{"errorType":"InvalidEvent","errorMessage":"what it says"}')), invokeComplete()]), 'InvalidEvent', /was not run/],
    ['as its answer and its error', Buffer.concat([payloadChunk(Buffer.from('{"errorType":"Runtime.Unknown","errorMessage":"what it says"}')),
      invokeComplete({ ErrorCode: 'Unhandled' })]), 'Runtime.Unknown', /is unknown/],
    ['in the midst', Buffer.concat([payloadChunk(STREAM_MAGIC), invokeComplete(errorOf('Runtime.ExitError'))]), 'Runtime.ExitError', /is unknown.*client\.memoryMiB/],
    ['when its time is over', Buffer.concat([payloadChunk(STREAM_MAGIC), invokeComplete(errorOf('Sandbox.Timedout'))]), 'Sandbox.Timedout', /is unknown.*client\.timeout/],
    ['that says nothing', invokeComplete({ ErrorCode: 'Mystery' }), 'Mystery', /no message: how the command has ended is unknown; see the log \/vast\/client/],
  ])('%s', async (_, bytes, errorType, words) => {
    endpoint.next(answer(bytes));
    const error = await fails(ClientFunctionError, 1);
    expect(error).toMatchObject({ errorType, requestId: 'request-of-test', outcome: undefined, message: expect.stringMatching(words) });
    expect(error.message).toContain('(request request-of-test)');
  });

  test('a command that has printed too much has not succeeded', async () => {
    const what = { ...COMMAND, exitCode: 0, outputLimitExceeded: true };
    const frames = Buffer.concat(answerFrames(what).map(payloadChunk));
    for (const complete of [invokeComplete(), invokeComplete(errorOf('OutputLimitExceeded'))]) {
      endpoint.next(answer(Buffer.concat([frames, complete])));
      expect(await failure(client.run('import'))).toMatchObject({
        name: 'ClientFunctionError', errorType: 'OutputLimitExceeded', outcome: { exitCode: 0, stdoutBytes: 3 }, message: expect.stringContaining('write to S3'),
      });
    }
  });
});
