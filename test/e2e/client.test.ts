import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { callClient } from './buffered-call';
import { docker, eventually, ROOT, Scene } from './scene';
import { CommandResult, FrameDecoder, FrameType } from '../../src/client/contract';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { awsSdk } from '../../src/runtime/aws-sdk';

const SURICATA = { file: path.join(ROOT, 'examples', 'data', 'suricata-eve.json'), events: 7 };
const IMPORTS = 20;

/** As plain JSON: v6.20.0 refuses to import some of what its own read_suricata makes of these events. */
const IMPORT = 'load_stdin | read_ndjson | set @name="suricata.eve" | import';

let scene: Scene;
let deployment: DeploymentOutput;
let outputs: { [key: string]: string };
let bucket: string;

/** A message in the queue for failed calls. */
interface FailedCall {
  readonly Body: string;
  readonly MessageAttributes: { readonly ErrorMessage: { readonly StringValue: string } };
}

/** What a command printed; it has to succeed. */
async function output(cmd: string, event: { stdin?: string; env?: Record<string, string> } = {}): Promise<string> {
  const result = await callClient(scene.connection, deployment, { cmd, ...event });
  expect({ exitCode: result.exitCode, stderr: result.exitCode === 0 ? '' : result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  return result.stdout;
}

async function countSuricata(): Promise<number> {
  const answer = await output('tenzir \'export | where @name == "suricata.eve" | summarize n=count() | write_ndjson\'');
  return answer.trim() ? (JSON.parse(answer) as { n: number }).n : 0;
}

beforeAll(async () => {
  scene = await Scene.open('client');
  deployment = await scene.deploy({ stack: 'Client', client: 'true' });
  await scene.engine(deployment);
  const { CloudFormationClient, DescribeStacksCommand } = awsSdk('cloudformation');
  const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: 'Client' }));
  outputs = Object.fromEntries(Stacks![0].Outputs!.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  bucket = outputs.BucketName;
});
afterAll(() => scene?.close());

test('runs a command in a sandbox like Lambda\'s: read-only but for /tmp, as nobody in particular', async () => {
  const result = await callClient(scene.connection, deployment, { cmd: 'id -u; touch /tmp/a && echo writable; touch /var/task/a 2>/dev/null || echo read-only; exit 7' });
  const [uid, ...rest] = result.stdout.trim().split('\n');
  expect(Number(uid)).toBeGreaterThan(0);
  expect({ rest, exitCode: result.exitCode }).toEqual({ rest: ['writable', 'read-only'], exitCode: 7 });
});

test('has the tools that batch work needs', async () => {
  const tools = await output('for tool in bash aws jq curl gzip zstd; do command -v $tool >/dev/null || echo "no $tool"; done; aws --version');
  expect(tools).toMatch(/^aws-cli\/2\./);
});

test('imports from S3 into the server, and queries it back', async () => {
  await output(`aws s3 cp - s3://${bucket}/eve.json`, { stdin: readFileSync(SURICATA.file, 'utf8') });
  await output(`aws s3 cp s3://${bucket}/eve.json - | tenzir '${IMPORT}'`);
  expect(await countSuricata()).toBe(SURICATA.events);
});

test(`${IMPORTS} imports in parallel lose nothing`, async () => {
  const before = await countSuricata();
  await Promise.all(Array.from({ length: IMPORTS }, () =>
    output(`aws s3 cp s3://${bucket}/eve.json - | tenzir '${IMPORT}'`)));
  expect(await countSuricata()).toBe(before + IMPORTS * SURICATA.events);
});

test('streams what a command prints, with its exit code and sums at the end', async () => {
  const { InvokeWithResponseStreamCommand, LambdaClient } = awsSdk('lambda');
  // It goes on when its first line has arrived here.
  const goesOn = `until aws s3 ls s3://${bucket}/first-line >/dev/null; do sleep 0.2; done`;
  const { EventStream } = await new LambdaClient({ maxAttempts: 1 }).send(new InvokeWithResponseStreamCommand({
    FunctionName: deployment.clientFunctionName,
    Payload: Buffer.from(JSON.stringify({
      cmd: `echo first; ${goesOn}; head -c 20000000 /dev/zero; echo last >&2; exit 3`, cmdEncoding: 'utf8', stream: true,
    })),
  }));
  const decoder = new FrameDecoder();
  const hash = createHash('sha256');
  let arrived = false;
  let stderr = '';
  for await (const { PayloadChunk, InvokeComplete } of EventStream!) {
    expect(InvokeComplete?.ErrorCode).toBeUndefined();
    for (const part of decoder.push(PayloadChunk?.Payload ?? new Uint8Array())) {
      if (part.type === FrameType.STDOUT) {
        hash.update(part.data);
        if (!arrived) {
          arrived = true;
          await scene.connection.use('s3', (client, { PutObjectCommand }) => client.send(new PutObjectCommand({ Bucket: bucket, Key: 'first-line', Body: '' })));
        }
      } else if (part.type === FrameType.STDERR) {
        stderr += part.data.toString();
      }
    }
  }
  const end = decoder.finish();
  expect(end).toMatchObject({ exitCode: 3, timedOut: false, stdoutBytes: 20_000_006, stderrBytes: 5 });
  expect(end.stdoutSha256).toBe(hash.digest('hex'));
  expect(stderr).toBe('last\n');
});

test('what does not fit into a buffered answer is in the bucket for results, whole', async () => {
  const result = await callClient(scene.connection, deployment, { cmd: 'seq -f "line %014.0f" 1000000; echo "a little" >&2; exit 4' });
  expect(result).toMatchObject({ exitCode: 4, stdoutBytes: 20_000_000, truncated: true, stderr: 'a little\n' });
  expect(result.stdoutCut).toMatchObject({ whole: expect.stringMatching(`^s3://${bucket}/results/[0-9a-f-]+/stdout$`) });
  expect(await output(`aws s3 cp ${result.stdoutCut!.whole} - | sha256sum`)).toContain(result.stdoutSha256);
});

test('has a bucket for scratch: written, listed, read and deleted by commands, and named in the output', async () => {
  expect(deployment.workBucketName).toBeDefined();
  expect(deployment.workBucketName).not.toBe(bucket);
  const work = 's3://$CDK_VAST_WORK_BUCKET';
  await output(`seq 3 | aws s3 cp - ${work}/a/b`);
  expect(await output(`aws s3 ls s3://${deployment.workBucketName}/a/`)).toMatch(/ b\n$/);
  expect(await output(`aws s3 cp ${work}/a/b -`)).toBe('1\n2\n3\n');
  await output(`aws s3 rm ${work}/a/b`);
  expect((await callClient(scene.connection, deployment, { cmd: `aws s3 ls ${work}/a/` })).stdout).toBe('');
});

test('the AWS CLI calls what the environment names, whatever its release: the endpoint of the service first, and one on the command line before', async () => {
  const list = 'aws s3 ls s3://$CDK_VAST_WORK_BUCKET';
  const nowhere = 'http://127.0.0.1:1';
  for (const served of [
    `AWS_ENDPOINT_URL=${nowhere} ${list}`,
    `AWS_ENDPOINT_URL= AWS_ENDPOINT_URL_S3=${nowhere} aws --region us-east-1 s3 ls --endpoint-url "$AWS_ENDPOINT_URL_STS" s3://$CDK_VAST_WORK_BUCKET`,
    `AWS_ENDPOINT_URL=${nowhere} aws --output json s3api list-objects-v2 --bucket $CDK_VAST_WORK_BUCKET`,
    `AWS_ENDPOINT_URL_S3=${nowhere} aws sts get-caller-identity`,
  ]) {
    await output(`export AWS_ENDPOINT_URL_STS=$AWS_ENDPOINT_URL; ${served}`);
  }
  for (const unserved of [`AWS_ENDPOINT_URL_S3=${nowhere} ${list}`, `${list} --endpoint-url ${nowhere}`]) {
    const { exitCode, stderr } = await callClient(scene.connection, deployment, { cmd: unserved });
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(`Could not connect to the endpoint URL: "${nowhere}/`);
  }
});

test('an asynchronous call that fails is made once, and is in the queue for failed calls afterwards', async () => {
  const { InvokeCommand, LambdaClient } = awsSdk('lambda');
  const event = { cmd: `echo once | aws s3 cp - s3://${bucket}/asynchronous/$(date +%s%N); echo no good >&2; exit 9`, failOnNonZero: true };
  await new LambdaClient({}).send(new InvokeCommand({
    FunctionName: deployment.clientFunctionName, InvocationType: 'Event', Payload: Buffer.from(JSON.stringify(event)),
  }));
  const failed = await eventually('the failed call', async () => {
    const received = await output(`aws sqs receive-message --queue-url ${outputs.FailedCalls} --message-attribute-names All`);
    return received.trim() ? (JSON.parse(received) as { Messages: FailedCall[] }).Messages[0] : undefined;
  });
  expect(JSON.parse(failed.Body)).toEqual(event);
  expect(failed.MessageAttributes.ErrorMessage.StringValue).toBe('the command ended with exit code 9: no good');
  // Lambda's own retries would begin after a minute; here, after a second.
  await new Promise(resolve => setTimeout(resolve, 3000));
  expect((await output(`aws s3 ls s3://${bucket}/asynchronous/`)).trim().split('\n')).toHaveLength(1);
});

test('the image adds at most 150 MB to the engine\'s, the AWS CLI not counted', async () => {
  const imageOf = async (label: string) => (await docker('ps', '--filter', `label=${label}`, '--filter',
    `label=cdk-vast.local-aws=${scene.instance}`, '--format', '{{.Image}}')).split('\n')[0];
  const sizeOf = async (image: string) => Number(await docker('image', 'inspect', '--format', '{{.Size}}', image));
  const client = await imageOf('cdk-vast.function');
  const layers = (await docker('history', '--no-trunc', '--human=false', '--format', '{{.Size}} {{.CreatedBy}}', client)).split('\n');
  const cli = Number.parseInt(layers.find(layer => layer.includes('apt-cache policy awscli'))!, 10);
  const added = await sizeOf(client) - await sizeOf(await imageOf('cdk-vast.service')) - cli;
  expect(added).toBeGreaterThan(100e6);
  expect(added).toBeLessThan(150e6);
});

test('a command that takes too long is stopped, and what it printed arrives', async () => {
  const result: CommandResult = await callClient(scene.connection, deployment, { cmd: 'echo begun; sleep 300' });
  expect(result).toMatchObject({ timedOut: true, stdout: 'begun\n' });
});

test('nothing leaks from one command to the next', async () => {
  await output('echo secret > /tmp/left; sleep 1000 & disown; export LEFT=1');
  expect(await output('ls -A /tmp; echo "${LEFT:-clean}"; pgrep sleep || true')).toBe('clean\n');
});

test('destroy leaves nothing', async () => {
  await output(`aws s3 rm --recursive s3://${bucket}`);
  await scene.destroy('Client');
  expect((await scene.leftovers()).filter(name => !/registry|ecr/.test(name))).toEqual([]);
  expect(await docker('ps', '--quiet', '--filter', `label=cdk-vast.local-aws=${scene.instance}`)).toBe('');
});
