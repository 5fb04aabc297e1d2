import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, Scene } from './scene';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { Client, ClientFunctionError } from '../../src/runtime/client';
import { describeStack } from '../../src/runtime/discovery';
import { readCommand } from '../../src/runtime/read-command';
import { WorkBucket } from '../../src/runtime/work-bucket';

let scene: Scene;
let deployment: DeploymentOutput;
let client: Client;
let work: WorkBucket;
let directory: string;

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** What a command printed; it has to succeed. */
async function output(command: string): Promise<string> {
  const { exitCode, stdout, stderr } = await client.run(command);
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr.toString() }).toEqual({ exitCode: 0, stderr: '' });
  return stdout.toString();
}

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-vast-client-run-'));
  scene = await Scene.open('client-run');
  deployment = await scene.deploy({ stack: 'Run', client: 'true', autoStart: 'false' });
  client = new Client(scene.connection, deployment);
  work = new WorkBucket(scene.connection, deployment);
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await scene?.close();
});

test('a command ends as it does, and everything about it arrives', async () => {
  const result = await client.run('cat; echo "$A" >&2; exit 7', { stdin: 'in\n', env: { A: 'x=y=z' } });
  expect(result).toMatchObject({ exitCode: 7, timedOut: false, stdoutBytes: 3, stdoutSha256: sha256(Buffer.from('in\n')) });
  expect({ stdout: result.stdout.toString(), stderr: result.stderr.toString() }).toEqual({ stdout: 'in\n', stderr: 'x=y=z\n' });
  expect(result.requestId).toMatch(/^[0-9a-f-]{36}$/);
  expect(await client.run('kill -SEGV $$')).toMatchObject({ exitCode: 139, signal: 'SIGSEGV' });
});

test('output arrives while the command runs', async () => {
  let more = () => undefined as void;
  const told = new Promise<void>(resolve => more = resolve);
  const name = 'told/first';
  // It goes on only after its first line has arrived here.
  const running = client.run(`echo first; until aws s3 ls s3://$CDK_VAST_WORK_BUCKET/${name} >/dev/null; do sleep 0.2; done; echo second`, {
    onStdout: () => more(), keepOutput: true,
  });
  await told;
  const file = join(directory, 'told');
  writeFileSync(file, 'told');
  await work.upload(file, name);
  expect((await running).stdout.toString()).toBe('first\nsecond\n');
});

test('bytes go in and come out as they are, also many of them', async () => {
  const bytes = randomBytes(4_000_000);
  const echoed = await client.run('cat', { stdin: bytes });
  expect(echoed.stdout.equals(bytes)).toBe(true);
  let taken = 0;
  const { stdoutBytes, stdout } = await client.run('head -c 60000000 /dev/zero', { onStdout: (piece) => { taken += piece.length; } });
  expect({ taken, stdoutBytes, kept: stdout.length }).toEqual({ taken: 60_000_000, stdoutBytes: 60_000_000, kept: 0 });
});

test('when a command\'s time is over, nothing of it goes on', async () => {
  const result = await client.run('echo begun; setsid sleep 1234 & sleep 1234', { timeoutSeconds: 5 });
  expect({ ...result, stdout: result.stdout.toString() }).toMatchObject({ timedOut: true, exitCode: 143, signal: 'SIGTERM', stdout: 'begun\n' });
  expect(await output('pgrep -f "sleep 123[4]" || echo none')).toBe('none\n');
  // One that does not listen.
  expect(await client.run('trap "" TERM; while :; do sleep 1; done', { timeoutSeconds: 5 })).toMatchObject({ timedOut: true, signal: 'SIGKILL', exitCode: 137 });
});

test('a command that takes the sandbox along is an error that says so, and the next one has another', async () => {
  const error = await client.run('kill -9 $PPID; sleep 300').catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(ClientFunctionError);
  expect(error).toMatchObject({ errorType: 'LauncherLost', message: expect.stringContaining('how the command has ended is unknown') });
  expect(await output('echo here')).toBe('here\n');
});

test('commands come from a file and from S3', async () => {
  const script = join(directory, 'script.sh');
  writeFileSync(script, 'echo "from $0, $#"; exit 3\n');
  await work.upload(script, 'scripts/a script.sh');
  for (const source of [`file://${script}`, `s3://${work.name}/scripts/a script.sh`]) {
    expect(await client.run(await readCommand(scene.connection, source))).toMatchObject({ exitCode: 3, stdout: Buffer.from('from bash, 0\n') });
  }
  await expect(readCommand(scene.connection, `s3://${work.name}/scripts/none.sh`)).rejects.toThrow(`there is no object s3://${work.name}/scripts/none.sh`);
});

test('files go through the work bucket to a command and back, whatever their size', async () => {
  const content = randomBytes(21_000_000);
  const [there, back] = [join(directory, 'there'), join(directory, 'back')];
  writeFileSync(there, content);
  const object = 's3://$CDK_VAST_WORK_BUCKET/data/there';
  expect(await work.upload(there, 'data/there')).toBe('data/there');
  expect(await output(`aws s3 cp ${object} - | sha256sum`)).toContain(sha256(content));
  await output(`aws s3 cp --quiet ${object} s3://$CDK_VAST_WORK_BUCKET/data/back`);
  await work.download('data/back', back);
  expect(readFileSync(back).equals(content)).toBe(true);
  expect((await work.list('data/')).map(({ key, sizeBytes }) => [key, sizeBytes])).toEqual([['data/back', content.length], ['data/there', content.length]]);
  await work.delete('data/back');
  expect((await work.list('data/')).map(({ key }) => key)).toEqual(['data/there']);
  await expect(work.delete('data/back')).rejects.toThrow('there is no object');
});

test('a command that nobody waits for runs once, and is in the queue for failed calls where it fails', async () => {
  const queue = (await describeStack(scene.connection, 'Run'))!.Outputs!.find(({ OutputKey }) => OutputKey === 'FailedCalls')!.OutputValue!;
  const command = 'echo "$A" | aws s3 cp - s3://$CDK_VAST_WORK_BUCKET/submitted/$(date +%s%N); echo no good >&2; exit 9';
  const { requestId } = await client.submit(command, { env: { A: 'x=y' } });
  expect(requestId).toMatch(/^[0-9a-f-]{36}$/);
  const failed = await eventually('the failed call', async () => {
    const received = await output(`aws sqs receive-message --queue-url ${queue} --message-attribute-names All`);
    return received.trim() ? (JSON.parse(received) as { Messages: { Body: string; MessageAttributes: unknown }[] }).Messages[0] : undefined;
  });
  expect(JSON.parse(failed.Body)).toEqual({ cmd: command, cmdEncoding: 'utf8', env: { A: 'x=y' }, failOnNonZero: true });
  expect(failed.MessageAttributes).toMatchObject({
    RequestID: { StringValue: requestId }, ErrorMessage: { StringValue: 'the command ended with exit code 9: no good' },
  });
  const [submitted, ...others] = await work.list('submitted/');
  expect(others).toEqual([]);
  await work.download(submitted.key, join(directory, 'submitted'));
  expect(readFileSync(join(directory, 'submitted'), 'utf8')).toBe('x=y\n');
});

test('a function that is not there is said, with AWS\'s request id', async () => {
  await expect(new Client(scene.connection, { ...deployment, clientFunctionName: 'Nobody' }).run('true')).rejects.toMatchObject({
    name: 'AwsCallError', code: 'ResourceNotFoundException', requestId: expect.any(String),
  });
});
