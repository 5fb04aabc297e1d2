import { HttpConnection, RequestBody } from './http-connection';
import { HttpResponse } from './http-response';

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

/** The Runtime API has refused something. */
export class RuntimeApiError extends Error {
  public readonly name = 'RuntimeApiError';

  public constructor(public readonly status: number, answer: string) {
    super(`the Lambda Runtime API has answered ${status}: ${answer.trim().slice(0, 500)}`);
  }
}

const PATH = '/2018-06-01/runtime';
const JSON_CONTENT = 'Content-Type: application/json';

/**
 * The calls of the Lambda Runtime API.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html
 */
export class RuntimeApi {
  private readonly connection: HttpConnection;

  /** @param address host and port */
  public constructor(address: string) {
    const [host, port = '80'] = address.split(':');
    this.connection = new HttpConnection(host, Number(port));
  }

  /** Waits for the next event, however long that takes. */
  public async next(): Promise<Invocation> {
    const { headers, body } = accepted(await this.connection.request(`GET ${PATH}/invocation/next`));
    return {
      requestId: headers.get('lambda-runtime-aws-request-id')!,
      deadline: Number(headers.get('lambda-runtime-deadline-ms')),
      traceId: headers.get('lambda-runtime-trace-id'),
      payload: body,
    };
  }

  /** A buffered answer. */
  public async answer(requestId: string, json: string): Promise<void> {
    accepted(await this.connection.request(`POST ${PATH}/invocation/${requestId}/response\n${JSON_CONTENT}`, json));
  }

  /** A streamed answer. To be ended with `endStream`. */
  public stream(requestId: string, contentType: string): RequestBody {
    return this.connection.stream([
      `POST ${PATH}/invocation/${requestId}/response`,
      `Content-Type: ${contentType}`,
      'Lambda-Runtime-Function-Response-Mode: streaming',
      'Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
    ].join('\n'));
  }

  /** @param error what became of the function after the stream had begun */
  public async endStream(stream: RequestBody, error?: FunctionError): Promise<void> {
    accepted(await stream.end(error && {
      'Lambda-Runtime-Function-Error-Type': errorType('Function', error),
      'Lambda-Runtime-Function-Error-Body': Buffer.from(errorBody(error)).toString('base64'),
    }));
  }

  /** An error instead of an answer. */
  public async fail(requestId: string, error: FunctionError): Promise<void> {
    await this.error(`invocation/${requestId}/error`, errorType('Function', error), error);
  }

  /** The function cannot run at all. */
  public async failInit(error: FunctionError): Promise<void> {
    await this.error('init/error', errorType('Runtime', error), error);
  }

  private async error(path: string, type: string, error: FunctionError): Promise<void> {
    const head = `POST ${PATH}/${path}\n${JSON_CONTENT}\nLambda-Runtime-Function-Error-Type: ${type}`;
    accepted(await this.connection.request(head, errorBody(error)));
  }
}

function errorType(category: string, error: FunctionError): string {
  return `${category}.${error.errorType}`;
}

function errorBody(error: FunctionError): string {
  return JSON.stringify({ ...error, stackTrace: [] });
}

function accepted(response: HttpResponse): HttpResponse {
  if (response.status >= 300) {
    throw new RuntimeApiError(response.status, response.body.toString());
  }
  return response;
}
