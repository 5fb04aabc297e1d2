import { Readable } from 'node:stream';

/** How much of the input goes out at a time: what is larger takes more memory there, what is smaller more rounds. */
const CHUNK_BYTES = 192 * 1024;

/** The input of a command, in pieces of a good size. */
export class CommandInput {
  private readonly pieces: AsyncIterator<Uint8Array | string>;
  private rest: Buffer = Buffer.alloc(0);

  public constructor(private readonly source: string | Uint8Array | AsyncIterable<Uint8Array | string>) {
    this.pieces = (typeof source === 'string' || source instanceof Uint8Array ? once(source) : source)[Symbol.asyncIterator]();
  }

  /** The next piece; undefined after the last one. Waits for no more than the source gives at a time. */
  public async next(): Promise<Buffer | undefined> {
    while (this.rest.length === 0) {
      const { value, done } = await this.pieces.next();
      if (done) {
        return undefined;
      }
      this.rest = Buffer.from(value as string);
    }
    const piece = this.rest.subarray(0, CHUNK_BYTES);
    this.rest = this.rest.subarray(CHUNK_BYTES);
    return piece;
  }

  /**
   * Nothing more is wanted. It is not waited for: a source that gives nothing does not end before it gives something.
   *
   * A stream of Node.js is destroyed, as its pending read would keep the process alive.
   */
  public close(): void {
    if (this.source instanceof Readable) {
      this.source.destroy();
    }
    this.pieces.return?.()?.catch(() => undefined);
  }
}

async function* once(source: string | Uint8Array): AsyncGenerator<string | Uint8Array> {
  yield source;
}
