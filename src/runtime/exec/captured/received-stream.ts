import { createHash } from 'node:crypto';
import { Cksum } from './cksum';
import { TakePiece } from '../../command-run';

/** What has arrived of a stream of output. */
export class ReceivedStream {
  private readonly sha256 = createHash('sha256');
  private readonly cksum = new Cksum();
  private readonly kept: Buffer[] = [];
  private length = 0;

  public constructor(private readonly taker: TakePiece | undefined, private readonly keep: boolean, private readonly needsCksum: () => boolean) {}

  public get bytes(): number {
    return this.length;
  }

  public get content(): Buffer {
    return Buffer.concat(this.kept);
  }

  /** Takes note of a piece, and gives what its taker makes of it. */
  public take(piece: Buffer): void | Promise<void> {
    this.length += piece.length;
    this.sha256.update(piece);
    if (this.needsCksum()) {
      this.cksum.update(piece);
    }
    if (this.keep) {
      this.kept.push(piece);
    }
    return this.taker?.(piece);
  }

  /**
   * To be called once, at the end.
   *
   * @param bytes and sum, as the other side has them
   * @returns SHA-256, or undefined where what has arrived is not what was sent
   */
  public compared(bytes: number, sum: string): string | undefined {
    const sha256 = this.sha256.digest('hex');
    const ours = this.needsCksum() ? this.cksum.digest() : sha256;
    return this.length === bytes && ours === sum ? sha256 : undefined;
  }
}
