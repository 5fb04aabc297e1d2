import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { failure, FaultyClient } from './client/faulty-client';
import { s3Error } from './faulty-endpoint';
import { AwsCallError, AwsFailure } from '../../src/runtime/aws-call-error';
import { InvalidInputError } from '../../src/runtime/errors';
import { ASYNCHRONOUS_CLIENT_INPUT, collected, EXEC_COMMAND, readCommand } from '../../src/runtime/read-command';

const TOO_LARGE = 6 * 1024 * 1024 + 1;

let directory: string;
let faulty: FaultyClient;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-vast-command-'));
  faulty = await FaultyClient.open();
});
afterAll(async () => {
  await faulty.close();
  rmSync(directory, { recursive: true });
});

const read = async (source: string, stdin?: Iterable<string | Buffer>) => readCommand(faulty.connection, source, stdin && Readable.from(stdin));

/** A file of this content, as a source. */
function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return `file://${path}`;
}

test('a command that is given is one', async () => {
  expect((await read('echo "ä" | cat file:///etc/hosts')).toString()).toBe('echo "ä" | cat file:///etc/hosts');
});

test('a file, byte by byte, whatever it is called', async () => {
  const bytes = Buffer.from('echo \xff\r\n', 'latin1');
  expect(await read(file('import 100%20 #1?.sh', bytes))).toEqual(bytes);
});

test('a byte order mark is no part of the command, wherever it is from', async () => {
  expect((await read(file('bom.sh', '\ufeffecho hi\n'))).toString()).toBe('echo hi\n');
  expect((await read('-', ['\ufeffecho hi\n'])).toString()).toBe('echo hi\n');
});

test('a pipe that has a name', async () => {
  const path = join(directory, 'pipe');
  execFileSync('mkfifo', [path]);
  // Both ends wait for each other to be opened.
  const [command] = await Promise.all([read(`file://${path}`), writeFile(path, 'echo piped')]);
  expect(command.toString()).toBe('echo piped');
});

test.each(['-', 'file:///dev/stdin'])('the standard input, as %s', async (source) => {
  expect((await read(source, [Buffer.from('echo '), Buffer.from('piped\n')])).toString()).toBe('echo piped\n');
});

test('a command of more than is taken is refused with another way, before all of it is read', async () => {
  let pieces = 0;
  const endless = function* () {
    for (;; pieces++) {
      yield Buffer.alloc(65536, 'yes\n');
    }
  };
  for (const [limit, advice] of [[EXEC_COMMAND, 'standard input (--stdin)'], [ASYNCHRONOUS_CLIENT_INPUT, 'vast-cloud workbucket upload']] as const) {
    pieces = 0;
    const error = await failure(collected(Readable.from(endless()), 'the standard input', limit));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect(error.message).toContain(`the standard input has more than the ${limit.bytes} bytes that can be sent with a command: `);
    expect(error.message).toContain(advice);
    // A stream reads a few pieces ahead.
    expect(pieces * 65536).toBeLessThan(limit.bytes + 20 * 65536);
  }
});

test('an object of S3', async () => {
  faulty.endpoint.next(response => void response.writeHead(200).end('echo from s3'));
  expect((await read('s3://my-bucket/a/b c.sh')).toString()).toBe('echo from s3');
  expect(faulty.endpoint.received.at(-1)!.url).toMatch(/^\/my-bucket\/a\/b%20c\.sh/);
});

test.each<[string, () => Promise<Buffer>, string]>([
  ['a script in UTF-16', async () => read(file('utf16.sh', Buffer.from('\ufeffecho', 'utf16le'))), 'is in UTF-16, which no shell reads: save it as UTF-8'],
  ['an empty command', () => read(''), 'the command is empty'],
  ['a blank file', () => read(file('blank', ' \n')), 'blank is empty: there is no command in it'],
  ['an empty standard input', () => read('-', []), 'the standard input is empty'],
  ['a program', () => read(file('program', 'ELF\0')), 'program has a NUL byte in it, which no command can have'],
  ['a file that there is not', () => read('file:///no/such/file'), 'cannot be read from file:///no/such/file: there is no such file'],
  ['a directory', () => read(`file://${directory}`), 'it is a directory'],
  ['a relative path', () => read('file://import.sh'), "'file://import.sh' is no file: give its absolute path, with three slashes"],
  ['a file that is too large', () => read(file('large', Buffer.alloc(TOO_LARGE, 'x'))), 'large has more than the 6291456 bytes'],
  ['an endless standard input', () => read('-', (function* () {
    for (;;) {
      yield 'yes\n'.repeat(1000);
    }
  })()), 'the standard input has more than the 6291456 bytes'],
  ['a bucket alone', () => read('s3://my-bucket'), "'s3://my-bucket' is no object of S3: give its bucket and its key"],
  ['a folder of S3', () => read('s3://my-bucket/'), 'is no object of S3'],
])('%s', async (_, reading, words) => {
  const error = await failure(reading());
  expect(error).toBeInstanceOf(InvalidInputError);
  expect(error.message).toContain(words);
});

(process.getuid?.() === 0 ? test.skip : test)('a file that may not be read', async () => {
  const source = file('secret', 'echo');
  chmodSync(source.slice('file://'.length), 0);
  expect((await failure(read(source))).message).toContain('it may not be read');
});

test('an object that there is not, or that may not be read', async () => {
  const { endpoint } = faulty;
  endpoint.next(s3Error(404, 'NoSuchKey'));
  expect(await failure(read('s3://b/k'))).toMatchObject({ name: 'InvalidInputError', message: 'there is no object s3://b/k' });
  endpoint.next(s3Error(404, 'NoSuchBucket'));
  expect(await failure(read('s3://b/k'))).toMatchObject({ name: 'InvalidInputError', message: "there is no bucket 'b'" });
  endpoint.next(s3Error(403, 'AccessDenied'));
  expect(await failure(read('s3://b/k'))).toMatchObject({ failure: AwsFailure.PERMISSION });
  endpoint.next(response => void response.writeHead(200, { 'content-length': TOO_LARGE }).write('x'));
  expect(await failure(read('s3://b/k'))).toMatchObject({ name: 'InvalidInputError', message: expect.stringContaining('more than the 6291456 bytes') });
});

test('an object that does not come to its end is no command', async () => {
  faulty.endpoint.next((response) => {
    response.writeHead(200, { 'content-length': 100 }).write('rm -rf /tmp/import', () => response.socket!.destroySoon());
  });
  const error = await failure(read('s3://b/k'));
  expect(error).toBeInstanceOf(AwsCallError);
  expect(error.message).toContain('reading s3://b/k ended before its end');
});
