import { isUtf8 } from 'node:buffer';
import { CommandEvent, TextEncoding } from '../../client/contract';
import { InvalidInputError } from '../errors';

/** What a command is called with. */
export interface CommandInput {
  /** Environment variables, besides those of the function. @default - none */
  readonly env?: { readonly [name: string]: string };

  /** What it reads from its standard input. @default - nothing */
  readonly stdin?: string | Uint8Array;
}

/** What Lambda takes as an event, in bytes of JSON: of a call that waits, and of one that does not. */
const SYNCHRONOUS_BYTES = 6 * 1024 * 1024;
const ASYNCHRONOUS_BYTES = 1024 * 1024;

/**
 * The payload of a call.
 *
 * @throws InvalidInputError where Lambda would not take it
 */
export function payloadOf(command: string | Uint8Array, input: CommandInput, rest: Partial<CommandEvent>, asynchronous = false): Buffer {
  const [cmd, cmdEncoding] = encoded(command);
  const [stdin, stdinEncoding] = input.stdin === undefined ? [] : encoded(input.stdin);
  const event: CommandEvent = { cmd, cmdEncoding, env: input.env, stdin, stdinEncoding, ...rest };
  const payload = Buffer.from(JSON.stringify(event));
  const most = asynchronous ? ASYNCHRONOUS_BYTES : SYNCHRONOUS_BYTES;
  if (payload.length > most) {
    throw new InvalidInputError(`command, environment and input are ${payload.length} bytes together, encoded as JSON; `
      + `Lambda takes ${most / 1024 / 1024} MiB${asynchronous ? ' in a call that is not waited for' : ''}: put what is large into S3, and have the command read it from there`);
  }
  return payload;
}

function encoded(bytes: string | Uint8Array): [string, TextEncoding] {
  if (typeof bytes === 'string') {
    return [bytes, 'utf8'];
  }
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? [buffer.toString(), 'utf8'] : [buffer.toString('base64'), 'base64'];
}
