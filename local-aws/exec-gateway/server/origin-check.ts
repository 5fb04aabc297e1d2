import type { IncomingMessage } from 'node:http';

// No name server gives these names to somebody's page, so a page that rebinds its own name sends another one.
const HOST = /^(([\w-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

/** Whether a request is a program's: pages reach listeners of this machine by their own name or across origins. */
export function isFromProgram({ headers }: IncomingMessage): boolean {
  // Browsers send the last of them always; `none` is an address that somebody typed.
  return HOST.test(headers.host ?? '') && headers.origin === undefined && (headers['sec-fetch-site'] ?? 'none') === 'none';
}
