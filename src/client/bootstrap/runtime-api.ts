import { Agent, ClientRequest, IncomingMessage, request } from 'node:http';

/** An event that waits for its answer. */
export interface Invocation {
  readonly requestId: string;

  /** When Lambda gives up, in milliseconds since 1970. */
  readonly deadline: number;

  readonly traceId: string | undefined;

  /** The payload of the call as it came: JSON. */
  readonly payload: Buffer;
}

/** What callers get for an answer that is an error of the function. */
export interface FunctionError {
  readonly errorType: string;
  readonly errorMessage: string;

  /** Whatever else the caller should know. */
  readonly result?: object;
}

/**
 * The four calls of the Lambda Runtime API.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/response-streaming.html
 */
export class RuntimeApi {
  private readonly host: string;
  private readonly port: string;
  private readonly agent = new Agent({ keepAlive: true });

  public constructor(hostAndPort: string) {
    [this.host, this.port = '80'] = hostAndPort.split(':');
  }

  /** Waits for the next event, however long that takes. */
  public async next(): Promise<Invocation> {
    const response = await this.call(this.request('GET', 'invocation/next'));
    return {
      requestId: String(response.headers['lambda-runtime-aws-request-id']),
      deadline: Number(response.headers['lambda-runtime-deadline-ms']),
      traceId: response.headers['lambda-runtime-trace-id'] as string | undefined,
      payload: response.body,
    };
  }

  /**
   * A buffered answer.
   *
   * Made before there is anything to say, so that it costs nothing when there is: nothing is sent before `end`.
   */
  public answer(requestId: string): Answer {
    const answer = this.request('POST', `invocation/${requestId}/response`);
    return {
      send: async json => this.call(answer, json),
      discard: () => answer.on('error', () => {}).destroy(),
    };
  }

  /** A streamed answer. To be ended with `endStream`. */
  public stream(requestId: string, contentType: string): ClientRequest {
    return this.request('POST', `invocation/${requestId}/response`, {
      'Content-Type': contentType,
      'Lambda-Runtime-Function-Response-Mode': 'streaming',
      'Transfer-Encoding': 'chunked',
      'Trailer': 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    });
  }

  /** @param error what became of the function after the stream had begun */
  public async endStream(stream: ClientRequest, error?: FunctionError): Promise<void> {
    if (error) {
      stream.addTrailers({
        'Lambda-Runtime-Function-Error-Type': `Function.${error.errorType}`,
        'Lambda-Runtime-Function-Error-Body': Buffer.from(JSON.stringify({ ...error, stackTrace: [] })).toString('base64'),
      });
    }
    await this.call(stream);
  }

  /** An error instead of an answer. */
  public async fail(requestId: string, error: FunctionError): Promise<void> {
    await this.error(`invocation/${requestId}/error`, `Function.${error.errorType}`, error);
  }

  /** The function cannot run at all. */
  public async failInit(error: FunctionError): Promise<void> {
    await this.error('init/error', `Runtime.${error.errorType}`, error);
  }

  private async error(path: string, type: string, error: FunctionError): Promise<void> {
    await this.call(this.request('POST', path, { 'Lambda-Runtime-Function-Error-Type': type }), JSON.stringify({ ...error, stackTrace: [] }));
  }

  private request(method: string, path: string, headers: { [name: string]: string } = {}): ClientRequest {
    return request({
      agent: this.agent,
      host: this.host,
      port: this.port,
      method,
      path: `/2018-06-01/runtime/${path}`,
      headers: { ...(method === 'POST' ? { 'Content-Type': 'application/json' } : {}), ...headers },
    });
  }

  private async call(sent: ClientRequest, body?: string | Buffer): Promise<Response> {
    return new Promise((resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', (response: IncomingMessage) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const answer = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces);
          if (response.statusCode! >= 300) {
            reject(new RuntimeApiError(response.statusCode!, answer.toString()));
          } else {
            resolve({ headers: response.headers, body: answer });
          }
        });
      });
      if (body !== undefined) {
        sent.setHeader('Content-Length', Buffer.byteLength(body));
      }
      sent.end(body);
    });
  }
}

/** An answer that is prepared. */
export interface Answer {
  send(json: string): Promise<unknown>;

  /** It will not be sent. */
  discard(): void;
}

/** The Runtime API has refused something. */
export class RuntimeApiError extends Error {
  public readonly name = 'RuntimeApiError';

  public constructor(public readonly status: number, answer: string) {
    super(`the Lambda Runtime API has answered ${status}: ${answer.trim().slice(0, 500)}`);
  }
}

interface Response {
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}
