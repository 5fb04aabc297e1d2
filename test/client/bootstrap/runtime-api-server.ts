import { once } from 'node:events';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** What a client has made of an event. */
export interface Answer {
  /** `response`, `error` or `init/error`: the end of the path that it was posted to. */
  readonly kind: string;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: { readonly [name: string]: string | undefined };
  /** Empty where a consumer has had it. */
  readonly body: Buffer;
}

export interface Asked {
  /** How long Lambda waits, in milliseconds. */
  readonly timeout?: number;
  /** Takes the body of the answer while it arrives, instead of it being collected. */
  readonly consumer?: (piece: Buffer, request: IncomingMessage) => void;
  /** The payload as it is, instead of the event as JSON. */
  readonly payload?: string;
}

/** The Lambda Runtime API for one client. */
export class RuntimeApiServer {
  /** How responses are sent that carry an event: with a length, or in chunks as Lambda does for long ones. */
  public chunked = false;
  /** Whether each response ends its connection. */
  public closing = false;
  public readonly server: Server;
  private waiting: ServerResponse | undefined;
  private requests = 0;
  private consumer: Asked['consumer'];
  private answered: ((answer: Answer) => void) | undefined;
  private arrived: (() => void) | undefined;

  public constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  public async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when the client asks for the next event. */
  public async asked(): Promise<void> {
    return this.waiting ? undefined : new Promise(resolve => this.arrived = resolve);
  }

  /** Hands out an event, and waits for what becomes of it. */
  public async invoke(event: unknown, { timeout = 60_000, consumer, payload = JSON.stringify(event) }: Asked = {}): Promise<Answer> {
    await this.asked();
    const response = this.waiting!;
    this.waiting = undefined;
    this.consumer = consumer;
    const answer = new Promise<Answer>(resolve => this.answered = resolve);
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Lambda-Runtime-Aws-Request-Id': `00000000-0000-4000-8000-${String(++this.requests).padStart(12, '0')}`,
      'Lambda-Runtime-Deadline-Ms': String(Date.now() + timeout),
      'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700',
      ...this.chunked ? {} : { 'Content-Length': Buffer.byteLength(payload) },
      ...this.closing ? { Connection: 'close' } : {},
    });
    for (let at = 0; at < payload.length; at += 100_000) {
      response.write(payload.slice(at, at + 100_000));
    }
    response.end();
    return answer;
  }

  public close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url!.endsWith('/invocation/next')) {
      this.waiting = response;
      return this.arrived?.();
    }
    const [pieces, { answered, consumer }] = [[] as Buffer[], this];
    request.on('data', (piece: Buffer) => consumer ? consumer(piece, request) : pieces.push(piece));
    try {
      await once(request, 'end');
    } catch {
      return;
    }
    response.writeHead(202, { 'Content-Length': 0, ...this.closing ? { Connection: 'close' } : {} }).end();
    answered?.({
      kind: request.url!.replace(/^.*\/runtime\/(invocation\/[^/]+\/)?/, ''),
      headers: request.headers,
      trailers: request.trailers,
      body: Buffer.concat(pieces),
    });
  }
}
