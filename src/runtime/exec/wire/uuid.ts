/** A UUID takes sixteen bytes in a header, with its second half first. */
const HALF = 8;

export function writeUuid(frame: Buffer, uuid: string, offset: number): void {
  const digits = uuid.replaceAll('-', '');
  frame.write(digits.slice(2 * HALF), offset, HALF, 'hex');
  frame.write(digits.slice(0, 2 * HALF), offset + HALF, HALF, 'hex');
}

export function readUuid(frame: Buffer, offset: number): string {
  const first = frame.toString('hex', offset + HALF, offset + 2 * HALF);
  const second = frame.toString('hex', offset, offset + HALF);
  return `${first.slice(0, 8)}-${first.slice(8, 12)}-${first.slice(12)}-${second.slice(0, 4)}-${second.slice(4)}`;
}
