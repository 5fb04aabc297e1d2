import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { docker, ROOT, Scene } from './scene';
import { CommandResult, FrameDecoder, FrameType } from '../../src/client/contract';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { awsSdk } from '../../src/runtime/aws-sdk';
import { callClient } from '../../src/runtime/client-call';

const SURICATA = { file: path.join(ROOT, 'examples', 'data', 'suricata-eve.json'), events: 7 };
const IMPORTS = 20;

/** As plain JSON: v6.20.0 refuses to import some of what its own read_suricata makes of these events. */
const IMPORT = 'load_stdin | read_ndjson | set @name="suricata.eve" | import';

/** The AWS CLI of Debian 12 is older than the variable that names an endpoint. */
const AWS = 'aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"}';

let scene: Scene;
let deployment: DeploymentOutput;
let bucket: string;

/** What a command printed; it has to succeed. */
async function output(cmd: string, event: { stdin?: string; env?: Record<string, string> } = {}): Promise<string> {
  const result = await callClient(deployment, { cmd, ...event });
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
  const { CloudFormationClient, DescribeStacksCommand } = awsSdk().cloudformation;
  const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: 'Client' }));
  bucket = Stacks![0].Outputs!.find(({ OutputKey }) => OutputKey === 'BucketName')!.OutputValue!;
});
afterAll(() => scene?.close());

test('runs a command in a sandbox like Lambda\'s: read-only but for /tmp, as nobody in particular', async () => {
  const result = await callClient(deployment, { cmd: 'id -u; touch /tmp/a && echo writable; touch /var/task/a 2>/dev/null || echo read-only; exit 7' });
  const [uid, ...rest] = result.stdout.trim().split('\n');
  expect(Number(uid)).toBeGreaterThan(0);
  expect({ rest, exitCode: result.exitCode }).toEqual({ rest: ['writable', 'read-only'], exitCode: 7 });
});

test('has the tools that batch work needs', async () => {
  const tools = await output('for tool in bash aws jq curl gzip zstd; do command -v $tool >/dev/null || echo "no $tool"; done; aws --version');
  expect(tools).toMatch(/^aws-cli\/2\./);
});

test('imports from S3 into the server, and queries it back', async () => {
  await output(`${AWS} s3 cp - s3://${bucket}/eve.json`, { stdin: readFileSync(SURICATA.file, 'utf8') });
  await output(`${AWS} s3 cp s3://${bucket}/eve.json - | tenzir '${IMPORT}'`);
  expect(await countSuricata()).toBe(SURICATA.events);
});

test(`${IMPORTS} imports in parallel lose nothing`, async () => {
  const before = await countSuricata();
  await Promise.all(Array.from({ length: IMPORTS }, () =>
    output(`${AWS} s3 cp s3://${bucket}/eve.json - | tenzir '${IMPORT}'`)));
  expect(await countSuricata()).toBe(before + IMPORTS * SURICATA.events);
});

test('streams what a command prints, with its exit code and sums at the end', async () => {
  const { InvokeWithResponseStreamCommand, LambdaClient } = awsSdk().lambda;
  const { EventStream } = await new LambdaClient({ maxAttempts: 1 }).send(new InvokeWithResponseStreamCommand({
    FunctionName: deployment.clientFunctionName,
    Payload: Buffer.from(JSON.stringify({
      cmd: 'echo first; sleep 2; head -c 20000000 /dev/zero; echo last >&2; exit 3', cmdEncoding: 'utf8', stream: true,
    })),
  }));
  const decoder = new FrameDecoder();
  const hash = createHash('sha256');
  const arrivals: number[] = [];
  let stderr = '';
  for await (const { PayloadChunk, InvokeComplete } of EventStream!) {
    expect(InvokeComplete?.ErrorCode).toBeUndefined();
    for (const part of decoder.push(PayloadChunk?.Payload ?? new Uint8Array())) {
      if (part.type === FrameType.STDOUT) {
        arrivals.push(Date.now());
        hash.update(part.data);
      } else if (part.type === FrameType.STDERR) {
        stderr += part.data.toString();
      }
    }
  }
  const end = decoder.finish();
  expect(end).toMatchObject({ exitCode: 3, timedOut: false, stdoutBytes: 20_000_006, stderrBytes: 5 });
  expect(end.stdoutSha256).toBe(hash.digest('hex'));
  expect(stderr).toBe('last\n');
  // Live: the first line came while the command still slept.
  expect(arrivals.at(-1)! - arrivals[0]).toBeGreaterThan(1000);
});

test('a command that takes too long is stopped, and what it printed arrives', async () => {
  const result: CommandResult = await callClient(deployment, { cmd: 'echo begun; sleep 300' });
  expect(result).toMatchObject({ timedOut: true, stdout: 'begun\n' });
});

test('nothing leaks from one command to the next', async () => {
  await output('echo secret > /tmp/left; sleep 1000 & disown; export LEFT=1');
  expect(await output('ls -A /tmp; echo "${LEFT:-clean}"; pgrep sleep || true')).toBe('clean\n');
});

test('destroy leaves nothing', async () => {
  await output(`${AWS} s3 rm s3://${bucket}/eve.json`);
  await scene.destroy('Client');
  expect((await scene.leftovers()).filter(name => !/registry|ecr/.test(name))).toEqual([]);
  expect(await docker('ps', '--quiet', '--filter', `label=cdk-vast.local-aws=${scene.instance}`)).toBe('');
});
