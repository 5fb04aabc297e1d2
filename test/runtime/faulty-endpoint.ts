import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { answerBody, FakeCommand } from './event-stream';

/** A request that has arrived whole. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

/** What the endpoint does with a request. */
export type Reaction = (response: ServerResponse, request: Received) => void | Promise<void>;

/** An AWS on 127.0.0.1 that does to each request what the test says. */
export class FaultyEndpoint {
  public static async open(): Promise<FaultyEndpoint> {
    const endpoint = new FaultyEndpoint();
    await new Promise<void>(resolve => endpoint.server.listen(0, '127.0.0.1', resolve));
    return endpoint;
  }

  /** Every request, in order. */
  public readonly received: Received[] = [];

  private readonly reactions: Reaction[] = [];
  private lasting: Reaction | undefined;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      this.react(request, response).catch(() => response.destroy());
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The JSON of the requests. */
  public get events(): { [field: string]: unknown }[] {
    return this.received.map(({ body }) => JSON.parse(body.toString()) as { [field: string]: unknown });
  }

  /** The next requests are met with these, one after the other. */
  public next(...reactions: Reaction[]): this {
    this.reactions.push(...reactions);
    return this;
  }

  /** What becomes of all requests after those. */
  public always(reaction: Reaction): this {
    this.lasting = reaction;
    return this;
  }

  public async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async react(request: IncomingMessage, response: ServerResponse) {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece as Buffer);
    }
    const received = { method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(pieces) };
    this.received.push(received);
    const reaction = this.reactions.shift() ?? this.lasting;
    if (!reaction) {
      throw new Error('a request too many');
    }
    await reaction(response, received);
  }
}

/** An error of the service. */
export function awsError(status: number, code: string, message = 'as the test wants it', headers: { [name: string]: string } = {}): Reaction {
  return response => void response.writeHead(status, {
    'content-type': 'application/json', 'x-amzn-errortype': code, 'x-amzn-requestid': 'request-of-error', ...headers,
  }).end(JSON.stringify({ message }));
}

/** The head of a streamed answer. */
export function begin(response: ServerResponse): ServerResponse {
  return response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': 'request-of-test' });
}

/** A body of a streamed answer, whole; the connection is cut afterwards where the test wants that. */
export function answer(bytes: Buffer, cut = false): Reaction {
  return (response) => {
    begin(response);
    if (cut) {
      response.flushHeaders();
      response.write(bytes, () => response.socket!.destroySoon());
    } else {
      response.end(bytes);
    }
  };
}

/** A command that ends. */
export function command(what: FakeCommand = {}): Reaction {
  return answer(answerBody(what));
}

/** The head and so much of the body, and then nothing any more. */
export function silence(bytes?: Buffer): Reaction {
  return (response) => {
    if (bytes) {
      begin(response).flushHeaders();
      response.write(bytes);
    }
  };
}

/** The connection ends without an answer. */
export const hangUp: Reaction = response => void response.socket!.destroy();

/** An error of S3. */
export function s3Error(status: number, code: string): Reaction {
  return response => void response.writeHead(status, { 'content-type': 'application/xml', 'x-amz-request-id': 'request-of-error' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>as the test wants it</Message></Error>`);
}
