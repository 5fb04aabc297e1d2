import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AwsCallError } from './aws-call-error';
import { AwsConnection } from './aws-connection';
import { InvalidInputError, NotInDeploymentError, VastRuntimeError } from './errors';
import { OnBytes, uploadFile } from './multipart-upload';
import { missingSaid, withObject } from './s3-object';
import { whyUnreadable } from './text-file';
import { DeploymentOutput } from '../discovery/deployment-output';

/** What S3 deletes in one call. */
const DELETED_AT_ONCE = 1000;

/** An object in the bucket. */
export interface WorkObject {
  /** Its name in the bucket. */
  readonly key: string;

  /** How large it is, in bytes. */
  readonly sizeBytes: number;

  /** When it was put there. */
  readonly modifiedAt: Date;
}

/**
 * The bucket through which files get to the client's commands, and back.
 *
 * Every method fails with an AwsCallError where a call to AWS does, and with a NotInDeploymentError where the deployment
 * has no such bucket.
 */
export class WorkBucket {
  public constructor(private readonly connection: AwsConnection, private readonly deployment: DeploymentOutput) {}

  /**
   * The name of the bucket.
   *
   * @throws NotInDeploymentError
   */
  public get name(): string {
    const { name, workBucketName } = this.deployment;
    if (!workBucketName) {
      throw new NotInDeploymentError(`the deployment ${name} has no work bucket: give its VastDeployment one, with client.workBucket`);
    }
    return workBucketName;
  }

  /** The objects whose keys begin like this, in the order of their keys. */
  public async list(prefix?: string): Promise<WorkObject[]> {
    const Bucket = this.name;
    const found: WorkObject[] = [];
    await this.connection.use('s3', async (client, { paginateListObjectsV2 }) => {
      for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix: prefix })) {
        found.push(...Contents.map(({ Key, Size, LastModified }) => ({ key: Key!, sizeBytes: Size ?? 0, modifiedAt: LastModified! })));
      }
    });
    return found;
  }

  /**
   * Puts a file into the bucket; an object of the same key is replaced, once all has arrived.
   *
   * @param key under which it is there afterwards; the file's name where left out
   * @returns the key
   * @throws InvalidInputError where there is no such file, or something writes to it meanwhile
   */
  public async upload(localPath: string, key: string = basename(localPath), onProgress?: OnBytes): Promise<string> {
    const bucket = this.name;
    if (!key) {
      throw new InvalidInputError('the key is empty: give one');
    }
    const unreadable = (error: NodeJS.ErrnoException) => {
      throw new InvalidInputError(`${localPath} cannot be read: ${whyUnreadable(error)}`);
    };
    // Looked at first: to open a named pipe waits for somebody who writes to it.
    const kind = await stat(localPath).catch(unreadable);
    if (!kind.isFile()) {
      throw new InvalidInputError(`${localPath} is ${kind.isDirectory() ? 'a directory: pack it first, as in tar -czf logs.tar.gz logs' : 'no regular file: copy its content to one'}`);
    }
    const handle = await open(localPath).catch(unreadable);
    try {
      const before = await handle.stat();
      await uploadFile(this.connection, { path: localPath, handle, sizeBytes: before.size, bucket, key }, onProgress);
      const after = await handle.stat();
      if (after.size !== before.size || after.mtimeMs !== before.mtimeMs) {
        throw new InvalidInputError(`${localPath} was changed while it was uploaded, so that ${key} may be of no use: upload it when nothing writes to it any more`);
      }
      return key;
    } finally {
      await handle.close();
    }
  }

  /**
   * Gets an object as a file. A file of this name is replaced once all has arrived; until then it stays as it is.
   *
   * @throws InvalidInputError where there is no such object, or no directory for the file
   */
  public async download(key: string, localPath: string, onProgress: OnBytes = () => undefined): Promise<void> {
    const bucket = this.name;
    if (await stat(localPath).then(found => found.isDirectory(), () => false)) {
      throw new InvalidInputError(`${localPath} is a directory: give the file that the object is to become, such as ${join(localPath, basename(key))}`);
    }
    const directory = dirname(localPath);
    if (!await stat(directory).then(found => found.isDirectory(), () => false)) {
      throw new InvalidInputError(`there is no directory ${directory} for ${basename(localPath)}: make it first`);
    }
    // Beside it, because a file cannot be moved to another file system in one step.
    const unfinished = join(directory, `.${basename(localPath)}.${randomUUID()}`);
    try {
      await withObject(this.connection, bucket, key, async ({ sizeBytes, pieces }) => {
        let bytes = 0;
        const counted = async function* () {
          for await (const piece of pieces) {
            bytes += piece.length;
            yield piece;
            onProgress(bytes, sizeBytes);
          }
        };
        await pipeline(counted, createWriteStream(unfinished, { flags: 'wx' }));
      });
      await rename(unfinished, localPath);
    } catch (error) {
      throw (error as NodeJS.ErrnoException).syscall ? new VastRuntimeError(`${localPath} cannot be written: ${(error as Error).message}`, { cause: error }) : error;
    } finally {
      await rm(unfinished, { force: true });
    }
  }

  /**
   * Deletes an object.
   *
   * @throws InvalidInputError where there is no such object
   */
  public async delete(key: string): Promise<void> {
    const named = { Bucket: this.name, Key: key };
    await missingSaid(named.Bucket, key, async () => this.connection.use('s3', async (client, { DeleteObjectCommand, HeadObjectCommand }) => {
      // S3 deletes what does not exist without a word.
      await client.send(new HeadObjectCommand(named));
      await client.send(new DeleteObjectCommand(named));
    }));
  }

  /** Deletes all objects and aborts unfinished uploads; a bucket that is gone is empty. */
  public async empty(): Promise<void> {
    try {
      await this.deleteAll();
    } catch (error) {
      if (!(error instanceof AwsCallError && error.code === 'NoSuchBucket')) {
        throw error;
      }
    }
  }

  private async deleteAll(): Promise<void> {
    const Bucket = this.name;
    const objects = await this.list();
    await this.connection.use('s3', async (client, { AbortMultipartUploadCommand, DeleteObjectsCommand, ListMultipartUploadsCommand }) => {
      for (let at = 0; at < objects.length; at += DELETED_AT_ONCE) {
        const Objects = objects.slice(at, at + DELETED_AT_ONCE).map(({ key }) => ({ Key: key }));
        const { Errors = [] } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
        if (Errors.length > 0) {
          throw new VastRuntimeError(`${Errors.length} objects of ${Bucket} cannot be deleted; the first is ${Errors[0].Key}: ${Errors[0].Message}`);
        }
      }
      // Ended, they are not listed any more: the first page is always the next one.
      for (;;) {
        const { Uploads = [], IsTruncated } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
        for (const { Key, UploadId } of Uploads) {
          await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
        }
        if (!IsTruncated || Uploads.length === 0) {
          return;
        }
      }
    });
  }
}
