import { createServer, IncomingMessage, Server as HttpServer, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { answerBody, FakeCommand } from './event-stream';

/** An answer of AWS that is an error. */
export interface Fault {
  readonly code: string;
  readonly status?: number;
  readonly message?: string;
}

type Input = { readonly [name: string]: unknown };

/** What answers the calls of one service; those of CloudFormation, which speaks XML, with a string. */
export interface FakeService {
  readonly [action: string]: (input: Input) => unknown;
}

/** An error that the fake answers with. */
export class FaultError extends Error {
  public constructor(public readonly fault: Fault) {
    super(fault.message ?? fault.code);
  }
}

/** Lambda alone says in the path what is called. What it answers with is a command of the client. */
const LAMBDA = /^\/[\d-]+\/functions\/[^/]+\/response-streaming-invocations$/;

/** AWS on 127.0.0.1, as far as tests answer for it: the SDK's own requests over HTTP. */
export class FakeAws {
  public static async open(actions: FakeService): Promise<FakeAws> {
    const fake = new FakeAws(actions);
    await new Promise<void>(resolve => fake.http.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  /** Every call, in order. */
  public readonly calls: { readonly action: string; readonly input: Input }[] = [];
  private readonly faults: { action: string; times: number; fault: Fault }[] = [];
  private readonly http: HttpServer;

  private constructor(private readonly actions: FakeService) {
    this.http = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => response.writeHead(599).end(String(error)));
    });
  }

  public get endpoint(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  /** The next so many calls of an action fail. */
  public fail(action: string, fault: Fault, times = 1): void {
    this.faults.push({ action, times, fault });
  }

  public inputsOf(action: string): Input[] {
    return this.calls.filter(call => call.action === action).map(({ input }) => input);
  }

  public async close(): Promise<void> {
    this.http.closeAllConnections();
    await new Promise(resolve => this.http.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk as Buffer);
    }
    const body = Buffer.concat(chunks).toString();
    const target = request.headers['x-amz-target'] as string | undefined;
    const query = target === undefined && !LAMBDA.test(request.url!) ? new URLSearchParams(body) : undefined;
    const action = query ? query.get('Action')! : target ? target.split('.')[1] : 'Invoke';
    const input = (query ? Object.fromEntries(query) : JSON.parse(body || '{}')) as Input;
    this.calls.push({ action, input });
    const requestId = `request-${this.calls.length}`;
    const reply = (status: number, answer: unknown, code?: string) => response.writeHead(status, {
      'content-type': query ? 'text/xml' : 'application/x-amz-json-1.1', 'x-amzn-requestid': requestId, ...code && { 'x-amzn-errortype': code },
    }).end(query ? answer : JSON.stringify(answer));
    try {
      this.throwFault(action);
      const answer = this.actions[action](input);
      if (action === 'Invoke') {
        response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': requestId }).end(answerBody(answer as FakeCommand));
      } else {
        reply(200, answer);
      }
    } catch (error) {
      if (!(error instanceof FaultError)) {
        throw error;
      }
      const { code, status = 400, message = code } = error.fault;
      reply(status, { __type: code, message }, code);
    }
  }

  private throwFault(action: string) {
    const waiting = this.faults.find(fault => fault.action === action && fault.times > 0);
    if (waiting) {
      waiting.times--;
      throw new FaultError(waiting.fault);
    }
  }
}
