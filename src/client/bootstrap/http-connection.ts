import { connect, Socket } from 'node:net';
import { HttpResponse, HttpResponseParser } from './http-response';

const RECEIVE_BYTES = 64 * 1024;

/** The body of a request, while it is written. */
export interface RequestBody {
  /** @returns whether more should be written at once; else `drained` says when */
  write(...pieces: Buffer[]): boolean;
  drained(): Promise<void>;
  /** Ends the body. */
  end(trailers?: { readonly [name: string]: string }): Promise<HttpResponse>;
  /** Called when nobody takes the body any more. */
  onLost(lost: () => void): void;
}

/**
 * One connection to an HTTP/1.1 server, and one request at a time on it.
 *
 * The Runtime API is a server on the same machine, with four paths. What `node:http` does beyond that takes half a
 * millisecond for each event, which is a fifth of what the shortest command takes.
 */
export class HttpConnection {
  private socket: Socket | undefined;
  private pending: { parser: HttpResponseParser; resolve: (response: HttpResponse) => void; reject: (error: Error) => void } | undefined;
  private readonly buffer = Buffer.allocUnsafeSlow(RECEIVE_BYTES);

  public constructor(private readonly host: string, private readonly port: number) {}

  /** @param head the method and the path, then further headers: a line each */
  public async request(head: string, body = ''): Promise<HttpResponse> {
    const socket = this.connection();
    const response = this.response();
    socket.write(`${this.begin(head)}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    return response;
  }

  /** A request with a body of unknown length. */
  public stream(head: string): RequestBody {
    const socket = this.connection();
    const response = this.response();
    // The caller learns of it when it ends the body.
    response.catch(() => {});
    socket.write(`${this.begin(head)}Transfer-Encoding: chunked\r\n\r\n`);
    return {
      write: (...pieces) => {
        socket.cork();
        socket.write(`${pieces.reduce((bytes, piece) => bytes + piece.length, 0).toString(16)}\r\n`, 'latin1');
        pieces.forEach(piece => socket.write(piece));
        const more = socket.write('\r\n', 'latin1');
        socket.uncork();
        return more || socket.destroyed;
      },
      drained: async () => new Promise(resolve => {
        // A connection that is lost takes no more, but the command's pipes have to be emptied all the same.
        const done = () => {
          socket.off('drain', done).off('close', done);
          resolve();
        };
        socket.on('drain', done).on('close', done);
      }),
      end: async (trailers = {}) => {
        socket.write(`0\r\n${Object.entries(trailers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
        return response;
      },
      onLost: lost => response.catch(lost),
    };
  }

  private begin(head: string): string {
    const [first, ...headers] = head.split('\n');
    return `${first} HTTP/1.1\r\nHost: ${this.host}:${this.port}\r\n${headers.map(line => `${line}\r\n`).join('')}`;
  }

  private async response(): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      this.pending = { parser: new HttpResponseParser(), resolve, reject };
    });
  }

  private connection(): Socket {
    if (!this.socket || this.socket.destroyed) {
      const socket: Socket = connect({
        host: this.host,
        port: this.port,
        noDelay: true,
        onread: { buffer: this.buffer, callback: (bytes: number): boolean => this.take(socket, this.buffer.subarray(0, bytes)) },
      });
      const lost = (error: Error) => this.socket === socket && this.lose(error);
      socket.on('error', lost);
      socket.on('close', () => lost(new Error('the Lambda Runtime API has closed the connection')));
      this.socket = socket;
      return socket;
    }
    return this.socket;
  }

  private take(socket: Socket, piece: Buffer): boolean {
    try {
      const response = this.pending?.parser.push(piece);
      if (response) {
        const { resolve } = this.pending!;
        this.pending = undefined;
        if (!response.keepAlive) {
          this.socket = undefined;
          socket.destroy();
        }
        resolve(response);
      }
    } catch (error) {
      socket.destroy();
      this.lose(error as Error);
    }
    return true;
  }

  private lose(error: Error): void {
    this.socket = undefined;
    this.pending?.reject(error);
    this.pending = undefined;
  }
}
