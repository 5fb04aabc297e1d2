import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AwsCallError } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import { InvalidInputError } from '../errors';

/**
 * The command that is meant: the text itself, the content of `file:///path` or `s3://bucket/key`, or with `-` what comes
 * from standard input.
 *
 * @throws InvalidInputError where there is none, or it cannot be one
 */
export async function readCommand(connection: AwsConnection, source: string, stdin: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const command = source === '-' ? await read(stdin)
    : source.startsWith('file:') ? await fromFile(source, stdin)
      : source.startsWith('s3://') ? await fromS3(connection, source)
        : Buffer.from(source);
  if (command.toString('latin1').trim() === '') {
    throw new InvalidInputError(source.trim() === '' ? 'the command is empty' : `the command from ${source === '-' ? 'standard input' : source} is empty`);
  }
  if (command.includes(0)) {
    throw new InvalidInputError('the command contains a NUL byte, which no command can: is it a program instead of a script?');
  }
  return command;
}

/** All that comes, to its end. */
export async function read(stream: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) {
    pieces.push(Buffer.from(piece as Uint8Array));
  }
  return Buffer.concat(pieces);
}

async function fromFile(url: string, stdin: AsyncIterable<Uint8Array | string>): Promise<Buffer> {
  let path: string;
  try {
    path = fileURLToPath(url);
  } catch (error) {
    throw new InvalidInputError(`'${url}' is not the URL of a file here: it has to be file:/// and an absolute path`, { cause: error });
  }
  if (path === '/dev/stdin') {
    return read(stdin);
  }
  try {
    return await readFile(path);
  } catch (error) {
    throw new InvalidInputError(`the command cannot be read from ${path}: ${(error as Error).message}`, { cause: error });
  }
}

async function fromS3(connection: AwsConnection, address: string): Promise<Buffer> {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? [];
  if (!Key) {
    throw new InvalidInputError(`'${address}' is not the address of an object: it has to be s3://BUCKET/KEY`);
  }
  try {
    return await connection.use('s3', async (client, { GetObjectCommand }) => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return Buffer.from(await Body!.transformToByteArray());
    });
  } catch (error) {
    if (error instanceof AwsCallError && /^(NoSuchKey|NoSuchBucket|NotFound)$/.test(error.code)) {
      throw new InvalidInputError(`there is no ${error.code === 'NoSuchBucket' ? `bucket '${Bucket}'` : `object ${address}`}`, { cause: error });
    }
    throw error;
  }
}
