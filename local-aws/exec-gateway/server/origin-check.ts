import type { IncomingMessage } from 'node:http';

// No name server gives these names to somebody's page, so a page that rebinds its own name sends another one.
const HOST = /^(([\w-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Tells a request of a program from that of a web page, which has a foreign host name or an origin. */
export function isFromProgram({ headers }: IncomingMessage): boolean {
  // Browsers send the last of them always; `none` is an address that somebody typed.
  return HOST.test(headers.host ?? '') && headers.origin === undefined && (headers['sec-fetch-site'] ?? 'none') === 'none';
}
