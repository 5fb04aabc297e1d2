import { createReadStream, createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AwsCallError } from './aws-call-error';
import { AwsConnection } from './aws-connection';
import { InvalidInputError, NotInDeploymentError } from './errors';
import { DeploymentOutput } from '../discovery/deployment-output';

/** An object in the work bucket. */
export interface WorkObject {
  readonly key: string;
  readonly sizeBytes: number;
  readonly modifiedAt: string;
}

/** How a transfer is followed, and ended early. */
export interface TransferOptions {
  readonly signal?: AbortSignal;

  /** Hears in a few words how far it is. */
  readonly onProgress?: (what: string) => void;
}

/** What S3 takes in one piece; what is larger would have to be put together there. */
const MOST_BYTES = 5 * 2 ** 30;

const PROGRESS_MS = 200;

/** What S3 deletes in one call. */
const DELETED_AT_ONCE = 1000;

/** The bucket of a deployment in which commands find and leave files. */
export class WorkBucket {
  private readonly bucket: string;

  /** @throws NotInDeploymentError where the deployment has none */
  public constructor(private readonly connection: AwsConnection, { name, workBucketName }: DeploymentOutput) {
    if (!workBucketName) {
      throw new NotInDeploymentError(`the deployment ${name} has no work bucket: give client.workBucket to its VastDeployment`);
    }
    this.bucket = workBucketName;
  }

  /** What is in it, by key. */
  public async list(prefix?: string): Promise<WorkObject[]> {
    const found: WorkObject[] = [];
    await this.connection.use('s3', async (client, { paginateListObjectsV2 }) => {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: this.bucket, Prefix: prefix })) {
        found.push(...Contents.map(({ Key, Size, LastModified }) => ({
          key: Key!, sizeBytes: Size ?? 0, modifiedAt: LastModified?.toISOString() ?? '',
        })));
      }
    });
    return found;
  }

  /**
   * Puts a file into it.
   *
   * @param key @default - the name of the file
   * @returns its `s3://` address
   * @throws InvalidInputError where there is no such file, or it is larger than 5 GiB
   */
  public async upload(file: string, options: TransferOptions & { readonly key?: string } = {}): Promise<string> {
    const { key = path.basename(file), signal, onProgress } = options;
    const size = await sizeOf(file);
    await this.connection.use('s3', async (client, { PutObjectCommand }) => {
      const body = createReadStream(file);
      // Counted from beside: the SDK wants the stream for itself.
      const timer = onProgress && setInterval(() => onProgress(progress(body.bytesRead, size)), PROGRESS_MS);
      try {
        await client.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: body, ContentLength: size }), { abortSignal: signal });
      } finally {
        clearInterval(timer);
        body.destroy();
      }
    });
    return `s3://${this.bucket}/${key}`;
  }

  /**
   * Gets an object as a file. Under its name there is the whole of it or nothing.
   *
   * @throws InvalidInputError where there is no such object
   */
  public async download(key: string, file: string, { signal, onProgress }: TransferOptions = {}): Promise<void> {
    const partial = `${file}.partial-${process.pid}`;
    try {
      await this.connection.use('s3', async (client, { GetObjectCommand }) => {
        const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }), { abortSignal: signal });
        await pipeline(Body as Readable, async function* (pieces: AsyncIterable<Buffer>) {
          let done = 0;
          for await (const piece of pieces) {
            done += piece.length;
            onProgress?.(progress(done, ContentLength ?? 0));
            yield piece;
          }
        }, createWriteStream(partial), { signal });
      });
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error instanceof AwsCallError && error.code === 'NoSuchKey'
        ? new InvalidInputError(`there is no '${key}' in the work bucket`, { cause: error })
        : error;
    }
  }

  /** Deletes an object; it is no error if there is none. */
  public async delete(key: string): Promise<void> {
    await this.connection.use('s3', (client, { DeleteObjectCommand }) => client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key })));
  }

  /** Deletes everything in it, uploads that were begun included. */
  public async empty(): Promise<void> {
    const objects = await this.list();
    await this.connection.use('s3', async (client, { AbortMultipartUploadCommand, DeleteObjectsCommand, ListMultipartUploadsCommand }) => {
      for (let at = 0; at < objects.length; at += DELETED_AT_ONCE) {
        await client.send(new DeleteObjectsCommand({
          Bucket: this.bucket, Delete: { Objects: objects.slice(at, at + DELETED_AT_ONCE).map(({ key }) => ({ Key: key })), Quiet: true },
        }));
      }
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: this.bucket }));
      for (const { Key, UploadId } of Uploads) {
        await client.send(new AbortMultipartUploadCommand({ Bucket: this.bucket, Key, UploadId }));
      }
    });
  }
}

async function sizeOf(file: string): Promise<number> {
  const found = await stat(file).catch((error: Error) => {
    throw new InvalidInputError(`${file} cannot be uploaded: ${error.message}`, { cause: error });
  });
  if (!found.isFile()) {
    throw new InvalidInputError(`${file} cannot be uploaded: it is not a file`);
  }
  if (found.size > MOST_BYTES) {
    throw new InvalidInputError(`${file} is larger than the 5 GiB that S3 takes in one piece: split it, or use 'aws s3 cp'`);
  }
  return found.size;
}

function progress(done: number, size: number): string {
  return `${(done / 1e6).toFixed(1)} of ${(size / 1e6).toFixed(1)} MB`;
}
