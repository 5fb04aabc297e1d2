import { addAbortSignal, Readable } from 'node:stream';
import { AwsCallError, AwsFailure } from './aws-call-error';
import { AwsConnection } from './aws-connection';
import { InvalidInputError } from './errors';
import { Watch } from './watch';

/** A body of which nothing comes for so long is dead. */
const SILENCE_MS = 60_000;

/** S3 says this of an object and of a bucket that do not exist. */
const MISSING = new Set(['NoSuchKey', 'NotFound', 'NoSuchBucket']);

/** An object that is being read. */
export interface OpenObject {
  readonly sizeBytes: number;
  readonly pieces: AsyncIterable<Buffer>;
}

/**
 * Reads an object of S3.
 *
 * @param use what becomes of it; the object is closed when that is through
 * @param signal ends the request, too, which would keep the process from ending
 * @throws InvalidInputError where there is no such object; AwsCallError where it cannot be read, or not to its end
 */
export async function withObject<T>(
  connection: AwsConnection, bucket: string, key: string, use: (object: OpenObject) => Promise<T>, silenceMs = SILENCE_MS, signal?: AbortSignal,
): Promise<T> {
  const { Body, ContentLength = 0 } = await missingSaid(bucket, key, async () => connection.use('s3', (client, { GetObjectCommand }) =>
    client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), { abortSignal: signal })));
  const body = signal ? addAbortSignal(signal, Body as Readable) : Body as Readable;
  const watch = new Watch();
  let failed = true;
  try {
    const result = await use({ sizeBytes: ContentLength, pieces: pieces(body, watch, silenceMs, `s3://${bucket}/${key}`) });
    failed = false;
    return result;
  } finally {
    watch.close(failed);
    body.destroy();
  }
}

/** With a sentence of its own for an object that does not exist. */
export async function missingSaid<T>(bucket: string, key: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof AwsCallError && MISSING.has(error.code)) {
      throw new InvalidInputError(error.code === 'NoSuchBucket' ? `there is no bucket '${bucket}'` : `there is no object s3://${bucket}/${key}`);
    }
    throw error;
  }
}

async function* pieces(body: Readable, watch: Watch, silenceMs: number, what: string): AsyncGenerator<Buffer> {
  const iterator = body[Symbol.asyncIterator]();
  const failed = (words: string, cause?: unknown) =>
    new AwsCallError(`reading ${what} ended before its end: ${words}: try again`, AwsFailure.UNREACHABLE, 'IncompleteBody', undefined, cause);
  for (;;) {
    let piece: IteratorResult<Buffer>;
    try {
      piece = await watch.for(() => iterator.next() as Promise<IteratorResult<Buffer>>, silenceMs, () => failed(`nothing has come for ${silenceMs / 1000} s`));
    } catch (error) {
      throw error instanceof AwsCallError ? error : failed((error as Error).message, error);
    }
    if (piece.done) {
      return;
    }
    yield Buffer.from(piece.value);
  }
}
