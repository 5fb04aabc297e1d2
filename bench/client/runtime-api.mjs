// The Lambda Runtime API as far as a measurement needs it: it hands out one event at a time and says when what happened.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { performance } from 'node:perf_hooks';

/** A Runtime API for one client. */
export class RuntimeApi {
  #waiting; // the response to a client that has asked for the next event
  #askedAt; // when that was
  #asked = () => {}; // told of it
  #invocation; // the one that was handed out
  #handedOut = 0;
  #server = createServer({ keepAliveTimeout: 0, noDelay: true }, (request, response) => this.#serve(request, response));

  /** @returns its address, for AWS_LAMBDA_RUNTIME_API */
  async listen() {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `127.0.0.1:${this.#server.address().port}`;
  }

  /** Resolves when the client has asked for the next event, with the time of that. */
  async asked() {
    if (!this.#waiting) await new Promise(resolve => { this.#asked = resolve; });
    return this.#askedAt;
  }

  /**
   * Hands out an event.
   *
   * @param take has the pieces of the answer's body, as they arrive
   * @returns the path that the answer came to, and the milliseconds until all of it was there and until the client had
   *   asked for the next event
   */
  async invoke(event, take) {
    await this.asked();
    const response = this.#waiting;
    this.#waiting = undefined;
    const answer = new Promise(resolve => { this.#invocation = { take, resolve }; });
    const body = JSON.stringify(event);
    const handedOutAt = performance.now();
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
      'Lambda-Runtime-Aws-Request-Id': `00000000-0000-4000-8000-${String(++this.#handedOut).padStart(12, '0')}`,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + 300_000),
      'Lambda-Runtime-Invoked-Function-Arn': 'arn:aws:lambda:eu-west-1:123456789012:function:bench',
      'Lambda-Runtime-Trace-Id': 'Root=1-00000000-000000000000000000000000;Sampled=0',
    }).end(body);
    const { path, answeredAt } = await answer;
    return { path, toAnswer: answeredAt - handedOutAt, toNext: await this.asked() - handedOutAt };
  }

  close() {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(request, response) {
    if (request.url.endsWith('/invocation/next')) {
      this.#askedAt = performance.now();
      this.#waiting = response;
      this.#asked();
      return;
    }
    const { take, resolve } = this.#invocation;
    request.on('data', take);
    request.on('end', () => {
      const answeredAt = performance.now();
      response.writeHead(202, { 'Content-Length': 0 }).end();
      resolve({ path: request.url, answeredAt });
    });
  }
}
