import { OutputMeter } from './output-meter';

const FIRST_BYTES = 64 * 1024;

/**
 * Keeps the beginning and the end of a stream of any length.
 *
 * It copies: keeping the pieces themselves would cost a hundred times their size where a command prints byte by byte.
 */
export class KeptOutput {
  public readonly meter = new OutputMeter();
  private first: Buffer = Buffer.alloc(0);
  private firstBytes = 0;
  private last: Buffer | undefined;

  /** @param endBytes how much is kept of either end */
  public constructor(private readonly endBytes: number) {}

  public add(piece: Buffer): void {
    const room = this.endBytes - this.firstBytes;
    if (room > 0) {
      this.addToFirst(piece.subarray(0, room));
    }
    if (piece.length > room) {
      this.addToLast(piece.subarray(room), this.meter.bytes + room - this.endBytes);
    }
    this.meter.add(piece);
  }

  /** The beginning of the stream, and its end; the same twice where that is the whole stream. */
  public ends(): { readonly first: Buffer; readonly last: Buffer; readonly complete: boolean } {
    const first = this.first.subarray(0, this.firstBytes);
    const beyond = this.meter.bytes - this.firstBytes;
    if (!this.last) {
      return { first, last: first, complete: true };
    }
    if (beyond <= this.endBytes) {
      const whole = Buffer.concat([first, this.last.subarray(0, beyond)]);
      return { first: whole, last: whole, complete: true };
    }
    const oldest = beyond % this.endBytes;
    return { first, last: Buffer.concat([this.last.subarray(oldest), this.last.subarray(0, oldest)]), complete: false };
  }

  private addToFirst(piece: Buffer): void {
    const needed = this.firstBytes + piece.length;
    if (needed > this.first.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.endBytes, Math.max(FIRST_BYTES, 2 * this.first.length, needed)));
      this.first.copy(larger, 0, 0, this.firstBytes);
      this.first = larger;
    }
    piece.copy(this.first, this.firstBytes);
    this.firstBytes = needed;
  }

  /** @param offset how much has come before it and after the first part */
  private addToLast(piece: Buffer, offset: number): void {
    this.last ??= Buffer.allocUnsafeSlow(this.endBytes);
    const skipped = Math.max(0, piece.length - this.endBytes);
    let rest = piece.subarray(skipped);
    for (let at = (offset + skipped) % this.endBytes; rest.length > 0; at = 0) {
      rest = rest.subarray(rest.copy(this.last, at));
    }
  }
}
