import http from 'node:http';
import type { Duplex } from 'node:stream';

/** An answer of Docker that is an error. */
export class DockerError extends Error {
  public override readonly name = 'DockerError';

  public constructor(public readonly status: number, message: string) {
    super(message);
  }
}

const DEFAULT_HOST = 'unix:///var/run/docker.sock';

/** The few calls of the Docker Engine API that run a command in a container. */
export class DockerEngine {
  private readonly where: http.RequestOptions;

  /** @param host as in DOCKER_HOST: a unix socket, or TCP without TLS */
  public constructor(host: string = process.env.DOCKER_HOST || DEFAULT_HOST) {
    const url = new URL(host);
    this.where = url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || 2375 };
  }

  /** @throws DockerError */
  public async call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
    const { response } = await this.ask(method, path, body, {});
    const text = await textOf(response);
    if ((response.statusCode ?? 0) >= 400) {
      throw failure(response, text);
    }
    return (text.trim() ? JSON.parse(text) : undefined) as T;
  }

  /**
   * A call whose connection becomes a stream in both directions.
   *
   * @throws DockerError
   */
  public async hijack(path: string, body: object): Promise<Duplex> {
    const { response, socket, head } = await this.ask('POST', path, body, { Connection: 'Upgrade', Upgrade: 'tcp' });
    if (socket === undefined) {
      throw failure(response, await textOf(response));
    }
    if (head !== undefined && head.length > 0) {
      socket.unshift(head);
    }
    return socket;
  }

  private async ask(method: string, path: string, body: object | undefined, headers: http.OutgoingHttpHeaders) {
    return new Promise<{ response: http.IncomingMessage; socket?: Duplex; head?: Buffer }>((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const request = http.request({
        ...this.where,
        method,
        path,
        agent: false,
        headers: { ...headers, ...text && { 'Content-Type': 'application/json' }, 'Content-Length': Buffer.byteLength(text) },
      });
      request.on('error', reject);
      request.on('response', response => resolve({ response }));
      request.on('upgrade', (response, socket, head) => resolve({ response, socket, head }));
      request.end(text);
    });
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function failure(response: http.IncomingMessage, text: string): DockerError {
  let message = text;
  try {
    message = (JSON.parse(text) as { message: string }).message;
  } catch {
    // Not every error of it is JSON.
  }
  return new DockerError(response.statusCode ?? 0, message);
}
