import { constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { addAbortSignal, Readable } from 'node:stream';
import { AwsConnection } from './aws-connection';
import { EVENT_BYTES } from './client/command-event';
import { InvalidInputError } from './errors';
import { withObject } from './s3-object';
import { isUtf16, whyUnreadable, withoutByteOrderMark } from './text-file';
import { unlessAborted } from './waiting';

const FILE = 'file://';
const S3 = 's3://';

/** What `-` is called in messages; it can be given by this name, too. */
const STDIN_FILE = 'file:///dev/stdin';

/**
 * A command from where it is: `file:///absolute/path`, `s3://bucket/key`, `-` for the standard input; anything else is the
 * command itself. Paths and keys are taken as they stand, without percent signs having a meaning.
 *
 * @param mostBytes how long it may be; what the client takes, unless it is for something else
 * @param signal ends the reading, with its reason or an AbortError
 * @throws InvalidInputError where there is none, or none that can be sent; AwsCallError where S3 cannot be read
 */
export async function readCommand(
  connection: AwsConnection, source: string, stdin: AsyncIterable<unknown> = process.stdin, mostBytes = EVENT_BYTES, signal?: AbortSignal,
): Promise<Buffer> {
  if (source === '-' || source === STDIN_FILE) {
    return checked(await collected(stdin, 'the standard input', mostBytes), 'the standard input');
  } else if (source.startsWith(FILE)) {
    return checked(await fileContent(source, mostBytes, signal), source);
  } else if (source.startsWith(S3)) {
    return checked(await unlessAborted(signal, async () => objectContent(connection, source, mostBytes)), source);
  }
  return checked(Buffer.from(source), 'the command');
}

async function fileContent(source: string, mostBytes: number, signal?: AbortSignal): Promise<Buffer> {
  const path = source.slice(FILE.length);
  if (!path.startsWith('/')) {
    throw new InvalidInputError(`'${source}' is no file: give its absolute path, with three slashes, as in ${FILE}/home/me/import.sh`);
  }
  try {
    return await collected(await opened(path, signal), source, mostBytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined || (error as Error).name === 'AbortError') {
      throw error;
    }
    throw new InvalidInputError(`the command cannot be read from ${source}: ${whyUnreadable(error as NodeJS.ErrnoException)}`);
  }
}

/** A pipe is read without a thread that waits for it, and that would keep the process from ending. */
async function opened(path: string, signal?: AbortSignal): Promise<Readable> {
  if (!(await stat(path)).isFIFO()) {
    return createReadStream(path, { signal });
  }
  // eslint-disable-next-line no-bitwise
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const pipe = new Socket({ fd, readable: true, writable: false });
  return signal ? addAbortSignal(signal, pipe) : pipe;
}

async function objectContent(connection: AwsConnection, source: string, mostBytes: number): Promise<Buffer> {
  const [, bucket, key] = /^([^/]+)\/(.+)$/s.exec(source.slice(S3.length)) ?? [];
  if (!key) {
    throw new InvalidInputError(`'${source}' is no object of S3: give its bucket and its key, as in ${S3}my-bucket/import.sh`);
  }
  return withObject(connection, bucket, key, async ({ sizeBytes, pieces }) => {
    if (sizeBytes > mostBytes) {
      throw tooLarge(source, mostBytes);
    }
    return collected(pieces, source, mostBytes);
  });
}

/** No more is read than could be sent. */
async function collected(pieces: AsyncIterable<unknown>, what: string, mostBytes: number): Promise<Buffer> {
  const all: Buffer[] = [];
  let bytes = 0;
  for await (const piece of pieces as AsyncIterable<Buffer | string>) {
    all.push(Buffer.from(piece as string));
    bytes += all.at(-1)!.length;
    if (bytes > mostBytes) {
      throw tooLarge(what, mostBytes);
    }
  }
  return Buffer.concat(all);
}

function tooLarge(what: string, mostBytes: number): InvalidInputError {
  return new InvalidInputError(`${what} has more than the ${mostBytes} bytes that a command can have with all that goes with it: `
    + 'put it into S3, and have a short command fetch it from there and run it');
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
