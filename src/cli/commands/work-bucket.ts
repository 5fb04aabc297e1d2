import path from 'node:path';
import { WorkBucket } from '../../runtime/work-bucket';
import { EXIT } from '../errors';
import { operate, OperationOptions } from '../operation';
import { table } from '../table';

/** Lists what is in the work bucket. */
export async function list(prefix: string | undefined, options: OperationOptions & { readonly json?: boolean }): Promise<number> {
  return operate(options, '', async ({ connection, deployment }) => {
    const objects = await new WorkBucket(connection, deployment).list(prefix);
    process.stdout.write(options.json
      ? `${JSON.stringify(objects, undefined, 2)}\n`
      : table(['BYTES', 'MODIFIED', 'KEY'], objects.map(({ sizeBytes, modifiedAt, key }) => [String(sizeBytes), modifiedAt.toISOString(), key])));
    return EXIT.success;
  });
}

/** Puts a file into the work bucket, and prints its address. */
export async function upload(file: string, key: string | undefined, options: OperationOptions): Promise<number> {
  return operate(options, 'nothing is left of the upload', async ({ connection, deployment, progress }) => {
    const bucket = new WorkBucket(connection, deployment);
    const found = await progress.step(`upload ${path.basename(file)}`, tell => bucket.upload(file, key, (done, all) => tell(megabytes(done, all))));
    process.stdout.write(`s3://${bucket.name}/${found}\n`);
    return EXIT.success;
  });
}

/** Gets an object of the work bucket as a file. */
export async function download(key: string, file: string | undefined, options: OperationOptions): Promise<number> {
  return operate(options, 'nothing is left of the download', async ({ connection, deployment, progress }) => {
    await progress.step(`download ${key}`, tell =>
      new WorkBucket(connection, deployment).download(key, file ?? path.basename(key), (done, all) => tell(megabytes(done, all))));
    return EXIT.success;
  });
}

/** Deletes an object of the work bucket. */
export async function remove(key: string, options: OperationOptions): Promise<number> {
  return operate(options, '', async ({ connection, deployment }) => {
    await new WorkBucket(connection, deployment).delete(key);
    return EXIT.success;
  });
}

function megabytes(done: number, all: number): string {
  return `${(done / 1e6).toFixed(1)} of ${(all / 1e6).toFixed(1)} MB`;
}
