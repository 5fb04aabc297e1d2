/** An answer to a request. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Whether the connection serves another request. */
  readonly keepAlive: boolean;
}

const END_OF_HEAD = '\r\n\r\n';

/** Puts one response together, in whatever pieces it arrives. */
export class HttpResponseParser {
  private received: Buffer = Buffer.alloc(0);
  /** What has arrived since, while it is known that it does not suffice: joined once, not with each piece. */
  private readonly since: Buffer[] = [];
  private sinceBytes = 0;
  private missing = 0;
  private head: { readonly status: number; readonly headers: Map<string, string>; readonly length: number } | undefined;

  /**
   * @param piece whose memory may be used for something else afterwards
   * @returns the response when it is complete
   * @throws where it is no HTTP/1.1
   */
  public push(piece: Buffer): HttpResponse | undefined {
    this.sinceBytes += piece.length;
    if (this.sinceBytes < this.missing) {
      this.since.push(Buffer.from(piece));
      return undefined;
    }
    this.received = Buffer.concat([this.received, ...this.since.splice(0), piece]);
    this.sinceBytes = 0;
    this.head ??= this.takeHead();
    if (!this.head) {
      return undefined;
    }
    const { status, headers } = this.head;
    const chunked = headers.get('transfer-encoding')?.toLowerCase() === 'chunked';
    const body = chunked ? unchunked(this.received, this.head.length) : this.counted(Number(headers.get('content-length') ?? 0));
    return body && { status, headers, body, keepAlive: headers.get('connection')?.toLowerCase() !== 'close' };
  }

  private takeHead(): { status: number; headers: Map<string, string>; length: number } | undefined {
    const end = this.received.indexOf(END_OF_HEAD);
    if (end < 0) {
      return undefined;
    }
    const [first, ...lines] = this.received.toString('latin1', 0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
    if (!status) {
      throw new Error(`the Lambda Runtime API has answered with something else than HTTP: ${JSON.stringify(first.slice(0, 80))}`);
    }
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
    }
    return { status, headers, length: end + END_OF_HEAD.length };
  }

  private counted(bytes: number): Buffer | undefined {
    const start = this.head!.length;
    this.missing = start + bytes - this.received.length;
    return this.missing <= 0 ? this.received.subarray(start, start + bytes) : undefined;
  }
}

/** What chunks that begin at `at` say together; undefined where the last is still missing. */
function unchunked(received: Buffer, at: number): Buffer | undefined {
  const pieces: Buffer[] = [];
  for (;;) {
    const endOfSize = received.indexOf('\r\n', at);
    if (endOfSize < 0) {
      return undefined;
    }
    const size = parseInt(received.toString('latin1', at, endOfSize), 16);
    const start = endOfSize + 2;
    if (size === 0) {
      // Trailers, if there are any, end with an empty line as a head does.
      return received.indexOf(END_OF_HEAD, endOfSize) < 0 ? undefined : Buffer.concat(pieces);
    }
    if (!(size > 0) || received.length < start + size + 2) {
      if (Number.isNaN(size)) {
        throw new Error('the Lambda Runtime API has answered with a chunk of unknown size');
      }
      return undefined;
    }
    pieces.push(received.subarray(start, start + size));
    at = start + size + 2;
  }
}
