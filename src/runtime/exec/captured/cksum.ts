/* eslint-disable no-bitwise -- a CRC is made of bits */
import { createHash } from 'node:crypto';

/** The polynomial of POSIX's cksum, the highest bit first: not that of zlib, which has it the other way round. */
const POLYNOMIAL = 0x04c11db7;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24;
  for (let bit = 0; bit < 8; bit++) {
    crc = crc & 0x80000000 ? (crc << 1) ^ POLYNOMIAL : crc << 1;
  }
  return crc;
});

/**
 * The sum of cksum(1), which every system has, in pieces.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/cksum.html
 */
export class Cksum {
  private crc = 0;
  private length = 0;

  public update(data: Uint8Array): this {
    let crc = this.crc;
    for (const byte of data) {
      crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ byte];
    }
    this.crc = crc;
    this.length += data.length;
    return this;
  }

  /** As cksum writes it, without the length. */
  public digest(): string {
    let crc = this.crc;
    for (let rest = this.length; rest > 0; rest = Math.floor(rest / 256)) {
      crc = (crc << 8) ^ TABLE[(crc >>> 24) ^ (rest % 256)];
    }
    return String(~crc >>> 0);
  }
}

/** The sums of which the other side compares the one that it can make. */
export function sumsOf(data: Uint8Array): string {
  return `${new Cksum().update(data).digest()} ${createHash('sha256').update(data).digest('hex')}`;
}
