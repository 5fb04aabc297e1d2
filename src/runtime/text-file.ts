/** Says why a file cannot be read, or what else is in its place. */
export function whyUnreadable({ code, message }: NodeJS.ErrnoException): string {
  return { ENOENT: 'there is no such file', EISDIR: 'it is a directory', EACCES: 'it may not be read' }[code ?? ''] ?? message;
}

/** The byte order marks of UTF-16, and the one of UTF-8. */
const UTF_16 = [Buffer.from([0xff, 0xfe]), Buffer.from([0xfe, 0xff])];
const UTF_8 = Buffer.from([0xef, 0xbb, 0xbf]);

/** Recognizes the beginning of a text file in UTF-16, the default of some editors of Windows. */
export function isUtf16(content: Buffer): boolean {
  return UTF_16.some(mark => content.subarray(0, 2).equals(mark));
}

/** The content without a byte order mark, which is no part of the text. */
export function withoutByteOrderMark(content: Buffer): Buffer {
  return content.subarray(0, 3).equals(UTF_8) ? content.subarray(3) : content;
}
