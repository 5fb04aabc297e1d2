import type { Hash } from 'node:crypto';

const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Loaded when there is something to sum up: that takes some milliseconds, which the start of the function need not wait for. */
function createHash(algorithm: string): Hash {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require('node:crypto') as typeof import('node:crypto')).createHash(algorithm);
}

/** Counts a stream and sums it up. */
export class OutputMeter {
  public bytes = 0;
  private hash: Hash | undefined;

  public add(piece: Buffer): void {
    this.bytes += piece.length;
    this.hash ??= createHash('sha256');
    this.hash.update(piece);
  }

  /** The SHA-256 in hexadecimal digits. To be asked once. */
  public sha256(): string {
    return this.hash?.digest('hex') ?? SHA256_OF_NOTHING;
  }
}
