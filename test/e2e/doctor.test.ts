import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT } from './scene';
import { Finding } from '../../src/cli/doctor/finding';
import { LocalAws } from '../../src/cli/local-aws';
import { run } from '../../src/cli/run';
import { AwsConnection } from '../../src/runtime/aws-connection';

const NEEDED = { VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '10.7.3.0/24' };
let home: string;
let environment: NodeJS.ProcessEnv;

function settings(lines: Record<string, string>) {
  writeFileSync(path.join(home, '.env'), Object.entries(lines).map(([name, value]) => `${name}=${value}\n`).join(''));
}

const vastCloud = (...args: string[]) => run(path.join(ROOT, 'vast-cloud'), args, { cwd: home, env: environment, capture: true });

/** The findings by their checks, and whether the exit code says the same. */
async function doctor(...args: string[]): Promise<{ [check: string]: Finding }> {
  const { exitCode, stdout } = await vastCloud('doctor', '--json', ...args);
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Finding[] };
  expect({ ok, exitCode }).toEqual(checks.some(({ verdict }) => verdict === 'wrong') ? { ok: false, exitCode: 2 } : { ok: true, exitCode: 0 });
  return Object.fromEntries(checks.map(finding => [finding.check, finding]));
}

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'vast-cloud-doctor-'));
  environment = { ...process.env, CDK_VAST_LOCAL_AWS_HOME: path.join(home, 'local-aws'), HOME: home, AWS_EC2_METADATA_DISABLED: 'true' };
  for (const name of Object.keys(environment).filter(key => /^(VAST|AWS)_(?!EC2)/.test(key))) {
    delete environment[name];
  }
});
afterAll(async () => {
  await vastCloud('local', 'stop');
  rmSync(home, { recursive: true, force: true });
});

test('each mistake in the settings has its line, and the other checks are made all the same', async () => {
  settings({ ...NEEDED, VAST_CIDR: '10.7.3.0', VAST_VERSION: '3.1.0' });
  const { exitCode, stdout } = await vastCloud('doctor');
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringMatching(/^✖ settings .*VAST_CIDR='10.7.3.0' is not right.*\n✖ settings .*did you mean 'v3.1.0'/m) });
  expect(stdout).toMatch(/^✔ cdk +2\./m);
  expect(stdout).toMatch(/^✖ credentials +there are no AWS credentials: log in/m);
  expect(stdout).toMatch(/^– addresses +skipped because there are no credentials/m);
  expect(stdout).not.toContain('\x1b');
});

test('what the constructs would refuse is wrong with the settings', async () => {
  settings({ ...NEEDED, VAST_CIDR: '10.7.3.7/24' });
  expect(await doctor()).toMatchObject({ settings: { verdict: 'wrong', detail: expect.stringContaining("did you mean '10.7.3.0/24'?") } });
});

test('without a local AWS, --local says how to start it', async () => {
  settings(NEEDED);
  expect(await doctor('--local')).toMatchObject({
    'local AWS': { verdict: 'wrong', detail: 'the local AWS does not run: start it with ./vast-cloud local start' },
    'credentials': { verdict: 'skipped' },
  });
});

describe('with a local AWS', () => {
  let peer: string;

  beforeAll(async () => {
    expect(await vastCloud('local', 'start')).toMatchObject({ exitCode: 0 });
    const status = await run('python3', [path.join(ROOT, 'local-aws', 'local_aws_ctl.py'), 'status', '--json'], { env: environment, capture: true });
    const local = JSON.parse(status.stdout) as LocalAws;
    Object.assign(process.env, local.env);
    const connection = new AwsConnection({ region: NEEDED.VAST_AWS_REGION, endpoint: local.endpoint });
    peer = await connection.use('ec2', async (client, { CreateSubnetCommand, CreateVpcCommand }) => {
      const { Vpc } = await client.send(new CreateVpcCommand({ CidrBlock: '10.7.0.0/16' }));
      await client.send(new CreateSubnetCommand({ VpcId: Vpc!.VpcId, CidrBlock: '10.7.0.0/24' }));
      return Vpc!.VpcId!;
    });
    connection.close();
  });

  test('everything is right, and says what it has seen', async () => {
    settings({ ...NEEDED, VAST_PEERED_VPC_ID: peer, VAST_CIDR: '10.200.0.0/24' });
    expect(await doctor('--local')).toMatchObject({
      'credentials': { verdict: 'ok', detail: expect.stringMatching(/^account 0{12} as arn:aws:/) },
      'region': { verdict: 'ok', detail: 'eu-west-1' },
      'stack': { verdict: 'ok', detail: 'VastCloud is not deployed yet' },
      'peered VPC': { verdict: 'ok', detail: `${peer} (10.7.0.0/16) is available` },
      'addresses': { verdict: 'ok', detail: expect.stringContaining('overlaps with none of the') },
      'VPC quota': { verdict: 'skipped', detail: 'the local AWS has none' },
    });
  });

  test('addresses of the peer are wrong, those of another VPC are a warning', async () => {
    settings({ ...NEEDED, VAST_PEERED_VPC_ID: peer });
    expect((await doctor('--local')).addresses).toMatchObject({ verdict: 'wrong', detail: expect.stringContaining(`the peered VPC ${peer} (10.7.0.0/16)`) });
    settings(NEEDED);
    expect((await doctor('--local')).addresses).toMatchObject({ verdict: 'warning', detail: expect.stringContaining(`overlaps with ${peer} (10.7.0.0/16)`) });
  });

  test('a region that there is not, and a file system that there is not', async () => {
    settings({ ...NEEDED, VAST_AWS_REGION: 'eu-west-9' });
    expect(await doctor('--local')).toMatchObject({
      region: { verdict: 'wrong', detail: expect.stringContaining('AWS has no region eu-west-9') }, bootstrap: { verdict: 'skipped' },
    });
    settings({ ...NEEDED, VAST_FILE_SYSTEM_ID: 'fs-0123456789abcdef0' });
    expect(await doctor('--local')).toMatchObject({
      'file system': { verdict: 'wrong', detail: expect.stringContaining('there is no file system fs-0123456789abcdef0 in eu-west-1') },
    });
  });

  test('a stack of somebody else is neither deployed over nor destroyed', async () => {
    const connection = new AwsConnection({ region: NEEDED.VAST_AWS_REGION });
    const status = () => connection.use('cloudformation', async (client, { DescribeStacksCommand }) =>
      (await client.send(new DescribeStacksCommand({ StackName: 'Mine' }))).Stacks![0].StackStatus);
    await connection.use('cloudformation', async (client, { CreateStackCommand }) => client.send(new CreateStackCommand({
      StackName: 'Mine', TemplateBody: JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } }),
    })));
    settings({ ...NEEDED, VAST_STACK_NAME: 'Mine' });
    const sentence = 'the stack Mine was not created by vast-cloud, and';
    expect((await doctor('--local')).stack).toMatchObject({ verdict: 'wrong', detail: expect.stringContaining(`${sentence} deploy would replace`) });
    expect(await vastCloud('deploy', '--local')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${sentence} deploy would replace`) });
    expect(await vastCloud('destroy', '--local', '--force')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${sentence} destroy would delete`) });
    expect(await status()).toBe('CREATE_COMPLETE');
    connection.close();
  });

  test('a stack that has the name of the bootstrap, and is none, does not count', async () => {
    const connection = new AwsConnection({ region: 'eu-north-1' });
    await connection.use('cloudformation', async (client, { CreateStackCommand }) => client.send(new CreateStackCommand({
      StackName: 'CDKToolkit', TemplateBody: JSON.stringify({ Resources: { Queue: { Type: 'AWS::SQS::Queue' } } }),
    })));
    connection.close();
    settings({ ...NEEDED, VAST_AWS_REGION: 'eu-north-1' });
    expect((await doctor('--local')).bootstrap).toMatchObject({ detail: 'not yet; deploy --local does it' });
  });

  test('a file system that does not exist is refused by deploy, too', async () => {
    settings({ ...NEEDED, VAST_FILE_SYSTEM_ID: 'fs-0123456789abcdef0' });
    expect(await vastCloud('deploy', '--local')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('vast-cloud: there is no file system fs-0123456789abcdef0') });
  });

  test('a peer that does not exist is wrong, and deploy refuses it before anything is made', async () => {
    settings({ ...NEEDED, VAST_PEERED_VPC_ID: 'vpc-059a7ec8aac174fc9' });
    const sentence = 'there is no VPC vpc-059a7ec8aac174fc9 in eu-west-1 of this account: set VAST_PEERED_VPC_ID';
    expect((await doctor('--local'))['peered VPC']).toMatchObject({ verdict: 'wrong', detail: expect.stringContaining(sentence) });
    expect(await vastCloud('deploy', '--local')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`vast-cloud: ${sentence}`) });
    expect((await doctor('--local')).bootstrap).toMatchObject({ detail: 'not yet; deploy --local does it' });
  });
});
