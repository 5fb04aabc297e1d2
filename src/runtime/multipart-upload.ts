import type { FileHandle } from 'node:fs/promises';
import type { CompletedPart } from '@aws-sdk/client-s3';
import { AwsConnection } from './aws-connection';
import { InvalidInputError, VastRuntimeError } from './errors';

/** Hears how much has been sent, or has come. */
export type OnBytes = (bytes: number, totalBytes: number) => void;

/** A file that is being uploaded. */
export interface UploadedFile {
  readonly path: string;
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  readonly bucket: string;
  readonly key: string;
}

const MIB = 1024 * 1024;

/** S3 takes at most so many parts, and none but the last may be smaller than 5 MiB. */
const MOST_PARTS = 10_000;
const PART_BYTES = 8 * MIB;

/** So many parts are in memory and on their way at a time. */
const AT_ONCE = 4;

/** How long one part may take, in milliseconds, over a slow line, too. */
const PART_MS = 15 * 60_000;

/** Uploads a file: in one piece, or in parts where it is larger than one. What is uploaded is all of it or nothing. */
export async function uploadFile(connection: AwsConnection, file: UploadedFile, onBytes: OnBytes = () => undefined): Promise<void> {
  if (file.sizeBytes > PART_BYTES) {
    return uploadParts(connection, file, onBytes);
  }
  const { bucket: Bucket, key: Key, sizeBytes } = file;
  const Body = await piece(file, 0, sizeBytes);
  await connection.use('s3', (client, { PutObjectCommand }) => client.send(new PutObjectCommand({ Bucket, Key, Body }), { requestTimeout: PART_MS }));
  onBytes(sizeBytes, sizeBytes);
}

async function uploadParts(connection: AwsConnection, file: UploadedFile, onBytes: OnBytes): Promise<void> {
  const { bucket: Bucket, key: Key } = file;
  const { UploadId } = await connection.use('s3', (client, { CreateMultipartUploadCommand }) =>
    client.send(new CreateMultipartUploadCommand({ Bucket, Key, ChecksumAlgorithm: 'CRC32' })));
  try {
    const Parts = await sentParts(connection, file, UploadId!, onBytes);
    await connection.use('s3', (client, { CompleteMultipartUploadCommand }) =>
      client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }), { requestTimeout: PART_MS }));
  } catch (error) {
    await connection.use('s3', (client, { AbortMultipartUploadCommand }) =>
      client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))).catch((abortError: Error) => {
      throw new VastRuntimeError(`${(error as Error).message}; and the parts that were uploaded are still in the bucket ${Bucket}, where they `
        + `cost money until the upload ${UploadId} of ${Key} is aborted (${abortError.message})`, { cause: error });
    });
    throw error;
  }
}

async function sentParts(connection: AwsConnection, file: UploadedFile, UploadId: string, onBytes: OnBytes): Promise<CompletedPart[]> {
  const { bucket: Bucket, key: Key, sizeBytes } = file;
  const partBytes = Math.max(PART_BYTES, Math.ceil(sizeBytes / MOST_PARTS / MIB) * MIB);
  const parts: CompletedPart[] = [];
  const count = Math.ceil(sizeBytes / partBytes);
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  let sent = 0;
  const sendNext = async () => {
    while (next < count && !failure) {
      const index = next++;
      const Body = await piece(file, index * partBytes, Math.min(partBytes, sizeBytes - index * partBytes));
      const { ETag, ChecksumCRC32 } = await connection.use('s3', (client, { UploadPartCommand }) => client.send(
        new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: index + 1, Body, ChecksumAlgorithm: 'CRC32' }),
        { requestTimeout: PART_MS },
      ));
      parts[index] = { PartNumber: index + 1, ETag, ChecksumCRC32 };
      sent += Body.length;
      onBytes(sent, sizeBytes);
    }
  };
  // All of them have to be through before the upload is aborted, and none is called off: a part that arrives later would stay.
  await Promise.all(Array.from({ length: AT_ONCE }, async () => sendNext().catch((error: unknown) => {
    failure ??= { error };
  })));
  if (failure) {
    throw failure.error;
  }
  return parts;
}

async function piece({ handle, path }: UploadedFile, start: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, start + filled);
    if (bytesRead === 0) {
      throw new InvalidInputError(`${path} has become shorter while it was uploaded: upload it when nothing writes to it any more`);
    }
    filled += bytesRead;
  }
  return buffer;
}
