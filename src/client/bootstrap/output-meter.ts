import { createHash, Hash } from 'node:crypto';

const SHA256_OF_NOTHING = createHash('sha256').digest('hex');

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
