import { isUtf8 } from 'node:buffer';
import { CommandEvent, InvalidEventError, parseEvent, TextEncoding } from '../../client/contract';
import { InvalidInputError } from '../errors';

/**
 * The most that the JSON of an event may measure, in bytes: when its answer is waited for, and when not.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const EVENT_BYTES = 6 * 1024 * 1024;
export const ASYNCHRONOUS_EVENT_BYTES = 1024 * 1024;

/** What a command is given. */
export interface CommandInput {
  readonly command: string | Buffer;
  readonly env?: { readonly [name: string]: string };
  readonly stdin?: string | Buffer;
}

/**
 * The event for a command, as the payload of a call.
 *
 * @throws InvalidInputError that names all that is wrong with it
 */
export function commandEvent(
  { command, env, stdin }: CommandInput, options: Pick<CommandEvent, 'stream' | 'failOnNonZero' | 'timeoutSeconds'>, limit: number,
): Buffer {
  // No encoding makes it smaller, and what is very large cannot be encoded.
  const least = Buffer.byteLength(command) + Buffer.byteLength(stdin ?? '');
  if (least > limit) {
    throw tooLarge(`more than ${least}`, limit);
  }
  const [cmd, cmdEncoding] = written(command);
  const [input, stdinEncoding] = stdin === undefined ? [] : written(stdin);
  const event: CommandEvent = {
    cmd,
    cmdEncoding,
    ...env && { env },
    ...input !== undefined && { stdin: input, stdinEncoding },
    ...options,
  };
  try {
    parseEvent(event);
  } catch (error) {
    throw error instanceof InvalidEventError ? new InvalidInputError(`the command cannot be sent: ${error.problems.join('; ')}`) : error;
  }
  const payload = Buffer.from(JSON.stringify(event));
  if (payload.length > limit) {
    throw tooLarge(`${payload.length}`, limit);
  }
  return payload;
}

function tooLarge(bytes: string, limit: number): InvalidInputError {
  return new InvalidInputError(`the command with its input and environment makes an event of ${bytes} bytes, and Lambda takes `
    + `at most ${limit}${limit < EVENT_BYTES ? ' without waiting for the answer' : ''}: put the data into S3, and have the command read it from there`);
}

/** As text where that is possible and not longer: JSON escapes control characters with six bytes each. */
function written(content: string | Buffer): [string, TextEncoding] {
  if (typeof content !== 'string' && !isUtf8(content)) {
    return [content.toString('base64'), 'base64'];
  }
  const text = content.toString();
  // Half of a surrogate pair has no bytes of its own: it has to stay what it is, to be complained about.
  const bytes = Buffer.from(text);
  return Buffer.byteLength(JSON.stringify(text)) <= Math.ceil(bytes.length / 3) * 4 + '""'.length || /\p{Surrogate}/u.test(text)
    ? [text, 'utf8']
    : [bytes.toString('base64'), 'base64'];
}
