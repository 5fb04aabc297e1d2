// The Lambda Runtime API as far as a measurement needs it: it hands out one event at a time and says when what happened.
import { createServer } from 'node:http';
import { hrtime } from 'node:process';

const now = () => Number(hrtime.bigint()) / 1e6;

/** @returns {Promise<object>} a Runtime API for one client */
export async function runtimeApi() {
  let waiting; // the response to a client that has asked for the next event
  let arrived = () => {}; // told when it asks
  let answered; // told of the answer to the event that was handed out
  let nextId = 0;

  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    if (request.url.endsWith('/invocation/next')) {
      waiting = response;
      arrived(now());
      return;
    }
    let bytes = 0;
    const pieces = [];
    const keep = answered.keep;
    request.on('data', piece => {
      bytes += piece.length;
      if (keep) pieces.push(piece);
    });
    request.on('end', () => {
      const answeredAt = now();
      response.writeHead(202, { 'Content-Length': 0 }).end();
      answered.resolve({ answeredAt, bytes, path: request.url, body: Buffer.concat(pieces) });
    });
  });
  server.on('connection', socket => socket.setNoDelay(true));
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));

  const asked = () => waiting ? Promise.resolve(now()) : new Promise(resolve => { arrived = resolve; });
  return {
    address: `127.0.0.1:${server.address().port}`,
    /** Resolves when the client asks for the next event. */
    asked,
    /** Hands out an event: when that was, when its answer was there, when the client asked for the next one. */
    async invoke(event, keep = false) {
      await asked();
      const response = waiting;
      waiting = undefined;
      const answer = new Promise(resolve => { answered = { resolve, keep }; });
      const body = JSON.stringify(event);
      const handedOutAt = now();
      response.writeHead(200, {
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
        'Lambda-Runtime-Aws-Request-Id': `00000000-0000-4000-8000-${String(++nextId).padStart(12, '0')}`,
        'Lambda-Runtime-Deadline-Ms': String(Date.now() + 300_000),
        'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
        'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
      }).end(body);
      const result = await answer;
      return { ...result, handedOutAt, askedAgainAt: await asked() };
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
