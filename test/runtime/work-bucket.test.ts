import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failure } from './client/faulty-client';
import { FaultyEndpoint, Reaction, Received, s3Error } from './faulty-endpoint';
import { DEPLOYMENT } from './server/fake-server';
import { AwsConnection } from '../../src/runtime/aws-connection';
import { withObject } from '../../src/runtime/s3-object';
import { WorkBucket } from '../../src/runtime/work-bucket';
import { heldMemory } from '../held-memory';

const MIB = 1024 * 1024;

let directory: string;
let endpoint: FaultyEndpoint;
let connection: AwsConnection;
let bucket: WorkBucket;
beforeEach(async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' });
  directory = mkdtempSync(join(tmpdir(), 'cdk-vast-bucket-'));
  endpoint = await FaultyEndpoint.open();
  connection = new AwsConnection({ endpoint: endpoint.url, region: 'eu-west-1' });
  bucket = new WorkBucket(connection, { ...DEPLOYMENT, workBucketName: 'work' });
});
afterEach(async () => {
  connection.close();
  await endpoint.close();
  rmSync(directory, { recursive: true });
});

function file(content: string | Buffer): string {
  const path = join(directory, 'file.log');
  writeFileSync(path, content);
  return path;
}

const xml = (response: ServerResponse, content: string) => void response.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${content}`);

/** The calls as S3 calls them. */
const calls = () => endpoint.received.map(({ method, url }) => `${method} ${url.replace(/x-id=\w+&?/, '').replace(/[?&]$/, '')}`);

/** S3, as far as uploads need it. */
class FakeUploads {
  public readonly parts = new Map<number, Buffer>();
  public completion = '';
  public most = 0;
  private readonly waiting = new Set<() => void>();

  /** Answers parts once the given number is waiting, and some time after that: more of them would arrive then. */
  public constructor(private readonly together: (arrived: number) => number = () => 1) {}

  public readonly react: Reaction = async (response, request) => {
    const url = new URL(request.url, endpoint.url);
    if (url.searchParams.has('uploads')) {
      xml(response, '<InitiateMultipartUploadResult><UploadId>upload-1</UploadId></InitiateMultipartUploadResult>');
    } else if (url.searchParams.has('partNumber')) {
      await this.takePart(Number(url.searchParams.get('partNumber')), response, request);
    } else if (request.method === 'POST') {
      this.completion = request.body.toString();
      xml(response, '<CompleteMultipartUploadResult><ETag>"whole"</ETag></CompleteMultipartUploadResult>');
    } else {
      response.writeHead(request.method === 'DELETE' ? 204 : 200).end();
    }
  };

  protected async takePart(number: number, response: ServerResponse, request: Received) {
    this.parts.set(number, request.body);
    await new Promise<void>((resolve) => {
      this.waiting.add(resolve);
      this.most = Math.max(this.most, this.waiting.size);
      if (this.waiting.size >= this.together(this.parts.size)) {
        setTimeout(() => {
          this.waiting.forEach(answer => answer());
          this.waiting.clear();
        }, 200);
      }
    });
    response.writeHead(200, { 'etag': `"part-${number}"`, 'x-amz-checksum-crc32': request.headers['x-amz-checksum-crc32'] }).end();
  }
}

test('a deployment without the bucket is told from one that has it', async () => {
  const none = new WorkBucket(connection, { ...DEPLOYMENT, workBucketName: undefined });
  for (const calling of [none.list(), none.upload(file('x')), none.download('k', join(directory, 'x')), none.delete('k')]) {
    expect(await failure(calling)).toMatchObject({ name: 'NotInDeploymentError', message: expect.stringContaining('the deployment Vast has no work bucket') });
  }
});

test('the list has all pages', async () => {
  const page = (keys: string[], token?: string): Reaction => response => xml(response, `<ListBucketResult>${keys.map(key =>
    `<Contents><Key>${key}</Key><Size>7</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`).join('')}`
    + `<IsTruncated>${token !== undefined}</IsTruncated>${token ? `<NextContinuationToken>${token}</NextContinuationToken>` : ''}</ListBucketResult>`);
  endpoint.next(page(['a/1', 'a/2'], 'more'), page(['a/3']), page([]));
  const modifiedAt = new Date('2026-01-02T03:04:05Z');
  expect(await bucket.list('a/')).toEqual(['a/1', 'a/2', 'a/3'].map(key => ({ key, sizeBytes: 7, modifiedAt })));
  expect(calls()).toEqual(['GET /work/?list-type=2&prefix=a%2F', 'GET /work/?continuation-token=more&list-type=2&prefix=a%2F']);
  expect(await bucket.list()).toEqual([]);
});

test('a small file is one request', async () => {
  endpoint.always(new FakeUploads().react);
  const progress: number[][] = [];
  expect(await bucket.upload(file('content'), undefined, (...told) => progress.push(told))).toBe('file.log');
  expect(calls()).toEqual(['PUT /work/file.log']);
  expect(endpoint.received[0].body.toString()).toBe('content');
  expect(progress).toEqual([[7, 7]]);
  expect(await bucket.upload(file(''), 'a/empty')).toBe('a/empty');
});

test('a large file goes in parts, a few at a time, and is the same afterwards', async () => {
  // Four at once, and then the two that are left.
  const uploads = new FakeUploads(arrived => arrived <= 4 ? 4 : 2);
  endpoint.always(uploads.react);
  const content = randomBytes(44 * MIB + 1);
  const progress: number[] = [];
  const path = file(content);
  const before = heldMemory();
  await bucket.upload(path, 'large', bytes => progress.push(bytes));
  // The fake keeps all parts itself, and each request has its body once more.
  expect(heldMemory() - before).toBeLessThan(2 * content.length + 48 * MIB);
  const arrived = Buffer.concat([...uploads.parts].sort(([a], [b]) => a - b).map(([, part]) => part));
  expect(arrived.equals(content)).toBe(true);
  expect(uploads.parts.size).toBe(6);
  expect(uploads.most).toBe(4);
  expect(progress.at(-1)).toBe(content.length);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
  expect([...uploads.completion.matchAll(/<ETag>(?:"|&quot;)(part-\d)/g)].map(([, tag]) => tag)).toEqual(['part-1', 'part-2', 'part-3', 'part-4', 'part-5', 'part-6']);
  expect(uploads.completion).toContain('<ChecksumCRC32>');
});

test('an upload that fails leaves no parts behind, and sends none afterwards', async () => {
  const uploads = new FakeUploads();
  // The parts beside it are answered once the refusal is on its way, and each has at most one successor.
  let refused: () => void;
  const refusal = new Promise<void>((resolve) => { refused = resolve; });
  endpoint.always(async (response, request) => {
    if (request.url.includes('partNumber=2')) {
      response.on('finish', () => refused());
      return s3Error(403, 'AccessDenied')(response, request);
    }
    if (request.url.includes('partNumber=')) await refusal;
    return uploads.react(response, request);
  });
  expect(await failure(bucket.upload(file(Buffer.alloc(80 * MIB)), 'large'))).toMatchObject({ name: 'AwsCallError', code: 'AccessDenied' });
  expect(calls().at(-1)).toBe('DELETE /work/large?uploadId=upload-1');
  expect(uploads.parts.size).toBeLessThan(9);
  expect(uploads.completion).toBe('');
});

test('what cannot be cleaned up is said, with the reason of all', async () => {
  const uploads = new FakeUploads();
  endpoint.always((response, request) => request.url.includes('partNumber=1') || request.method === 'DELETE'
    ? s3Error(403, 'AccessDenied')(response, request) : uploads.react(response, request));
  const error = await failure(bucket.upload(file(Buffer.alloc(9 * MIB)), 'large'));
  expect(error.message).toMatch(/do not allow this.*still in the bucket work.*the upload upload-1 of large is aborted/);
});

test('throttled parts are sent again', async () => {
  const uploads = new FakeUploads();
  let refused = 0;
  endpoint.always((response, request) => request.url.includes('partNumber') && refused++ < 2 ? s3Error(503, 'SlowDown')(response, request) : uploads.react(response, request));
  await bucket.upload(file(Buffer.alloc(9 * MIB)), 'large');
  expect(uploads.parts.size).toBe(2);
  expect(uploads.completion).not.toBe('');
});

test('a file that changes meanwhile is no upload', async () => {
  const path = file(Buffer.alloc(40 * MIB));
  const uploads = new FakeUploads();
  endpoint.always((response, request) => {
    if (request.url.includes('uploads')) {
      truncateSync(path, 10);
    }
    return uploads.react(response, request);
  });
  expect(await failure(bucket.upload(path, 'large'))).toMatchObject({ name: 'InvalidInputError', message: expect.stringContaining('has become shorter') });
  expect(calls().at(-1)).toBe('DELETE /work/large?uploadId=upload-1');
  endpoint.always((response) => {
    appendFileSync(path, 'more');
    response.writeHead(200).end();
  });
  expect(await failure(bucket.upload(path))).toMatchObject({ name: 'InvalidInputError', message: expect.stringContaining('was changed while') });
});

test('what is no file is not uploaded', async () => {
  expect((await failure(bucket.upload('/no/such/file'))).message).toBe('/no/such/file cannot be read: there is no such file');
  expect((await failure(bucket.upload(directory))).message).toBe(`${directory} is a directory: pack it first, as in tar -czf logs.tar.gz logs`);
  const pipe = join(directory, 'pipe');
  execFileSync('mkfifo', [pipe]);
  expect((await failure(bucket.upload(pipe))).message).toBe(`${pipe} is no regular file: copy its content to one`);
  expect(endpoint.received).toEqual([]);
});

test('a download is there when all of it is', async () => {
  const content = randomBytes(20 * MIB);
  endpoint.next(response => void response.writeHead(200, { 'content-length': content.length }).end(content));
  const path = join(directory, 'result');
  writeFileSync(path, 'earlier');
  let last = [0, 0];
  await bucket.download('a/result', path, (...told) => {
    last = told;
    expect(readFileSync(path, 'utf8')).toBe('earlier');
  });
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  expect(sha256(readFileSync(path))).toBe(sha256(content));
  expect(last).toEqual([content.length, content.length]);
  expect(readdirSync(directory)).toEqual(['result']);
});

test.each<[string, Reaction]>([
  ['was cut', response => void response.writeHead(200, { 'content-length': 1000 }).write('half', () => response.socket!.destroySoon())],
  ['is another than its checksum says', response => void response.writeHead(200, { 'content-length': 4, 'x-amz-checksum-crc32': 'AAAAAA==', 'x-amz-checksum-type': 'FULL_OBJECT' }).end('half')],
])('a download that %s leaves nothing', async (_, reaction) => {
  endpoint.next(reaction);
  const path = join(directory, 'result');
  expect(await failure(bucket.download('result', path))).toMatchObject({ name: 'AwsCallError', message: expect.stringContaining('s3://work/result') });
  expect(readdirSync(directory)).toEqual([]);
});

test('a body that falls silent is given up', async () => {
  endpoint.next(response => void response.writeHead(200, { 'content-length': 1000 }).write('half'));
  const reading = withObject(connection, 'work', 'key', async ({ pieces }) => {
    for await (const piece of pieces) {
      expect(piece.toString()).toBe('half');
    }
  }, 100);
  expect(await failure(reading)).toMatchObject({ name: 'AwsCallError', message: expect.stringContaining('nothing has come for 0.1 s') });
});

test('where a download cannot go is said before it is begun', async () => {
  expect((await failure(bucket.download('a/k', directory))).message).toBe(`${directory} is a directory: give the file that the object is to become, such as ${directory}/k`);
  expect((await failure(bucket.download('k', join(directory, 'a', 'k')))).message).toBe(`there is no directory ${directory}/a for k: make it first`);
  expect(endpoint.received).toEqual([]);
});

test('an object that there is not is neither downloaded nor deleted', async () => {
  endpoint.next(s3Error(404, 'NoSuchKey'), response => void response.writeHead(404).end());
  const missing = { name: 'InvalidInputError', message: 'there is no object s3://work/key' };
  expect(await failure(bucket.download('key', join(directory, 'key')))).toMatchObject(missing);
  expect(await failure(bucket.delete('key'))).toMatchObject(missing);
  expect(readdirSync(directory)).toEqual([]);
});

test('delete deletes', async () => {
  endpoint.next(response => void response.writeHead(200).end(), response => void response.writeHead(204).end());
  await bucket.delete('a/key');
  expect(calls()).toEqual(['HEAD /work/a/key', 'DELETE /work/a/key']);
});

test('a bucket that is gone is empty, as after a deletion of the stack that has failed elsewhere', async () => {
  endpoint.next(s3Error(404, 'NoSuchBucket'));
  await bucket.empty();
  expect(calls()).toHaveLength(1);
  endpoint.next(s3Error(403, 'AccessDenied'));
  expect(await failure(bucket.empty())).toMatchObject({ name: 'AwsCallError', code: 'AccessDenied' });
});
