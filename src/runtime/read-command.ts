import { closeSync, constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal, Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';
import { AwsConnection } from './aws-connection';
import { ASYNCHRONOUS_EVENT_BYTES, EVENT_BYTES } from './client/command-event';
import { InvalidInputError } from './errors';
import { SCRIPT_BYTES } from './exec/captured/command';
import { withObject } from './s3-object';
import { isUtf16, whyUnreadable, withoutByteOrderMark } from './text-file';
import { unlessAborted } from './waiting';

const FILE = 'file://';
const S3 = 's3://';

/** What `-` is called in messages; it can be given by this name, too. */
const STDIN_FILE = 'file:///dev/stdin';

/** A limit of what is sent to AWS in one piece, and the advice where more is given. */
export interface ReadLimit {
  readonly bytes: number;
  readonly advice: string;
}

/** The limit of one call of the client. */
export const CLIENT_COMMAND: ReadLimit = {
  bytes: EVENT_BYTES,
  advice: 'put it into S3, and have a short command fetch it from there and run it',
};

/** The limit of a command in the server's container. */
export const EXEC_COMMAND: ReadLimit = {
  bytes: SCRIPT_BYTES,
  advice: 'give the data to the command on standard input (--stdin), and keep the command short',
};

const INPUT_ADVICE = 'put the data into S3 (vast-cloud workbucket upload), and have the command read it from there';

/** The input of a command of the client. In the event it takes more room, which is looked at when that is made. */
export const CLIENT_INPUT: ReadLimit = { bytes: EVENT_BYTES, advice: INPUT_ADVICE };
export const ASYNCHRONOUS_CLIENT_INPUT: ReadLimit = { bytes: ASYNCHRONOUS_EVENT_BYTES, advice: INPUT_ADVICE };

/**
 * A command from where it is: `file:///absolute/path`, `s3://bucket/key`, `-` for the standard input; anything else is the
 * command itself. Paths and keys are taken as they stand, without percent signs having a meaning.
 *
 * @param limit how long it may be; what the client takes, unless it is for something else
 * @param signal ends the reading, with its reason or an AbortError
 * @throws InvalidInputError where there is none, or none that can be sent; AwsCallError where S3 cannot be read
 */
export async function readCommand(
  connection: AwsConnection, source: string, stdin: AsyncIterable<unknown> = process.stdin, limit = CLIENT_COMMAND, signal?: AbortSignal,
): Promise<Buffer> {
  if (source === '-' || source === STDIN_FILE) {
    return checked(await collected(stdin, 'the standard input', limit), 'the standard input');
  } else if (source.startsWith(FILE)) {
    return checked(await fileContent(source, limit, signal), source);
  } else if (source.startsWith(S3)) {
    return checked(await unlessAborted(signal, async () => objectContent(connection, source, limit, signal)), source);
  }
  return checked(Buffer.from(source), 'the command');
}

async function fileContent(source: string, limit: ReadLimit, signal?: AbortSignal): Promise<Buffer> {
  const path = source.slice(FILE.length);
  if (!path.startsWith('/')) {
    throw new InvalidInputError(`'${source}' is no file: give its absolute path, with three slashes, as in ${FILE}/home/me/import.sh`);
  }
  try {
    return await collected(await opened(path, signal), source, limit);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined || (error as Error).name === 'AbortError') {
      throw error;
    }
    throw new InvalidInputError(`the command cannot be read from ${source}: ${whyUnreadable(error as NodeJS.ErrnoException)}`);
  }
}

/** Opens a pipe or a terminal without a thread that waits for its data, since that would keep the process from ending. */
async function opened(path: string, signal?: AbortSignal): Promise<Readable> {
  const status = await stat(path);
  if (!status.isFIFO() && !status.isCharacterDevice()) {
    return createReadStream(path, { signal });
  }
  // eslint-disable-next-line no-bitwise
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  if (!status.isFIFO() && !isatty(fd)) {
    closeSync(fd);
    return createReadStream(path, { signal });
  }
  const stream = status.isFIFO() ? new Socket({ fd, readable: true, writable: false }) : new ReadStream(fd);
  return signal ? addAbortSignal(signal, stream) : stream;
}

async function objectContent(connection: AwsConnection, source: string, limit: ReadLimit, signal?: AbortSignal): Promise<Buffer> {
  const [, bucket, key] = /^([^/]+)\/(.+)$/s.exec(source.slice(S3.length)) ?? [];
  if (!key) {
    throw new InvalidInputError(`'${source}' is no object of S3: give its bucket and its key, as in ${S3}my-bucket/import.sh`);
  }
  return withObject(connection, bucket, key, async ({ sizeBytes, pieces }) => {
    if (sizeBytes > limit.bytes) {
      throw tooLarge(source, limit);
    }
    return collected(pieces, source, limit);
  }, undefined, signal);
}

/**
 * What comes, as one piece. No more is read than could be sent.
 *
 * @param what it is, for the message
 * @throws InvalidInputError where it is more
 */
export async function collected(pieces: AsyncIterable<unknown>, what: string, limit: ReadLimit): Promise<Buffer> {
  const all: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces as AsyncIterable<Buffer | string>) {
    all.push(Buffer.from(piece as string));
    bytes += all.at(-1)!.length;
    if (bytes > limit.bytes) {
      throw tooLarge(what, limit);
    }
  }
  return Buffer.concat(all);
}

function tooLarge(what: string, { bytes, advice }: ReadLimit): InvalidInputError {
  return new InvalidInputError(`${what} has more than the ${bytes} bytes that can be sent with a command: ${advice}`);
}

function checked(content: Buffer, what: string): Buffer {
  if (isUtf16(content)) {
    throw new InvalidInputError(`${what} is in UTF-16, which no shell reads: save it as UTF-8`);
  }
  // Otherwise the shell would take the mark for the beginning of the first word.
  const command = withoutByteOrderMark(content);
  if (command.toString('latin1').trim() === '') {
    throw new InvalidInputError(`${what} is empty: there is no command in it`);
  }
  if (command.includes(0)) {
    throw new InvalidInputError(`${what} has a NUL byte in it, which no command can have: give a script as text`);
  }
  return command;
}
