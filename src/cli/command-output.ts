import { CommandRun } from '../runtime/command-run';

/** As `timeout(1)` has it. */
export const TIMED_OUT = 124;

/** The fields and encodings of the client's own buffered answer. */
export function asJson({ stdout, stderr, ...outcome }: CommandRun): object {
  return { ...outcome, ...encoded('stdout', stdout), ...encoded('stderr', stderr) };
}

function encoded(name: string, bytes: Buffer): object {
  const isText = Buffer.from(bytes.toString()).equals(bytes);
  return { [name]: bytes.toString(isText ? 'utf8' : 'base64'), [`${name}Encoding`]: isText ? 'utf8' : 'base64' };
}
