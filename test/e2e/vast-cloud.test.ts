import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { callClient } from './buffered-call';
import { EngineShell } from './engine-shell';
import { docker, ENGINE, eventually, ROOT, ZEEK } from './scene';
import { LocalAws } from '../../src/cli/local-aws';
import { run } from '../../src/cli/run';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { AwsConnection } from '../../src/runtime/aws-connection';
import { findDeployments } from '../../src/runtime/discovery';
import { Server } from '../../src/runtime/server';

/** The local AWS that the tests start; only used while it runs. */
const CONNECTION = new AwsConnection();

/** A user with a directory, a `.env` in it and a local AWS. */
let home: string;
let environment: NodeJS.ProcessEnv;

async function vastCloud(...args: string[]) {
  return run(path.join(ROOT, 'vast-cloud'), args, { cwd: home, env: environment, capture: true });
}

/** As `vastCloud`, for what has to succeed. */
async function done(...args: string[]) {
  const result = await vastCloud(...args);
  expect({ args, ...result, stdout: '' }).toMatchObject({ exitCode: 0 });
  return result;
}

function settings(lines: Record<string, string>) {
  writeFileSync(path.join(home, '.env'), Object.entries(lines).map(([name, value]) => `${name}=${value}\n`).join(''));
}

const NEEDED = { VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '172.31.48.0/24' };

/** The same in another network. */
const MOVED = { ...NEEDED, VAST_CIDR: '172.31.49.0/24' };

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'vast-cloud-e2e-'));
  environment = { ...process.env, CDK_VAST_LOCAL_AWS_HOME: path.join(home, 'local-aws'), NO_COLOR: '1' };
  for (const name of Object.keys(environment).filter(key => /^(VAST|AWS)_/.test(key))) {
    delete environment[name];
  }
});
afterAll(async () => {
  await vastCloud('local', 'stop');
  rmSync(home, { recursive: true, force: true });
});

describe('before there is anything', () => {
  test('what is missing is named, all at once', async () => {
    const { exitCode, stderr } = await vastCloud('deploy');
    expect(exitCode).toBe(2);
    for (const name of Object.keys(NEEDED)) {
      expect(stderr).toContain(`${name} is missing`);
    }
  });

  test('what the constructs would refuse is said without a stack trace, before AWS is asked', async () => {
    settings({ ...NEEDED, VAST_CIDR: '172.31.48.7/24' });
    const { exitCode, stderr } = await vastCloud('deploy');
    expect(exitCode).toBe(2);
    expect(stderr).toContain("host bits set: did you mean '172.31.48.0/24'?");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('--local without a local AWS says how to start it', async () => {
    settings(NEEDED);
    const { exitCode, stderr } = await vastCloud('--local', 'deploy');
    expect({ exitCode, stderr: stderr.trim() }).toEqual({
      exitCode: 2, stderr: 'vast-cloud: the local AWS does not run: start it with ./vast-cloud local start',
    });
  });

  test('without a terminal nothing is asked', async () => {
    expect(await vastCloud('deploy')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--auto-approve') });
  });

  test('without credentials it says how to get some', async () => {
    const { exitCode, stderr } = await run(path.join(ROOT, 'vast-cloud'), ['deploy', '--auto-approve'], {
      cwd: home, env: { ...environment, HOME: home, AWS_EC2_METADATA_DISABLED: 'true' }, capture: true,
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there are no AWS credentials: log in') });
  });

  test('where nothing answers at the endpoint, it says so', async () => {
    const { exitCode, stderr } = await run(path.join(ROOT, 'vast-cloud'), ['deploy', '--auto-approve'], {
      cwd: home, env: { ...environment, AWS_ENDPOINT_URL: 'http://localhost:9', AWS_ACCESS_KEY_ID: '000000000000', AWS_SECRET_ACCESS_KEY: 'x' }, capture: true,
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('nothing answers at AWS_ENDPOINT_URL=http://localhost:9') });
  });

  test('a slip of the finger gets a suggestion', async () => {
    expect(await vastCloud('deplyo')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Did you mean deploy?') });
  });

  test('the local AWS says that it does not run', async () => {
    expect((await vastCloud('local', 'status')).exitCode).toBe(3);
  });
});

describe('with a local AWS', () => {
  beforeAll(async () => { await done('local', 'start'); });

  test('env points any tool at it', async () => {
    const { stdout } = await done('local', 'env');
    expect(stdout).toMatch(/^export AWS_ENDPOINT_URL='?http:\/\/localhost:\d+'?$/m);
    expect(stdout).toMatch(/^export AWS_ACCESS_KEY_ID='?0{12}'?$/m);
  });

  test('listens on loopback only', async () => {
    const { stdout } = await run('ss', ['-tlnpH'], { capture: true });
    const { pid } = await localAws();
    const ours = stdout.split('\n').filter(line => line.includes(`pid=${pid},`));
    expect(ours.length).toBeGreaterThan(0);
    expect(ours.filter(line => !/\s(127\.0\.0\.1|\[::1\]):\d+\s/.test(line))).toEqual([]);
  });

  test('deploy, destroy and deploy again: the database survives, and is not forgotten', async () => {
    settings({ ...NEEDED, VAST_VERSION: ENGINE.name });
    const { stderr: told } = await done('deploy', '--local');
    expect(told).toContain(`The engine ${ENGINE.name} is at vast-server.vast.internal:5158`);
    await (await engine()).importZeekConnections(ZEEK.file);
    const { fileSystemId, workBucketName, logGroupName, clientLogGroupName } = await deployment();
    await checkWorkBucket(workBucketName!);

    settings({ ...NEEDED, VAST_VERSION: ENGINE.name, VAST_CIDR: MOVED.VAST_CIDR });
    expect(await vastCloud('deploy', '--local')).toMatchObject({
      exitCode: 2, stderr: expect.stringContaining(`VAST_CIDR is ${MOVED.VAST_CIDR}, but its VPC has ${NEEDED.VAST_CIDR}`),
    });

    const { stderr } = await done('destroy', '--local', '--force');
    expect(stderr).toContain(`VAST_FILE_SYSTEM_ID=${fileSystemId}`);
    expect(stderr.match(/^kept: the log group .*/mg)).toEqual([`kept: the log group ${logGroupName}`, `kept: the log group ${clientLogGroupName}`]);

    const forgetful = await vastCloud('deploy', '--local');
    expect(forgetful.exitCode).toBe(2);
    expect(forgetful.stderr).toContain(`VAST_FILE_SYSTEM_ID=${fileSystemId}`);

    // The way that the refusal names.
    settings({ ...MOVED, VAST_VERSION: ENGINE.name, VAST_FILE_SYSTEM_ID: fileSystemId! });
    await done('deploy', '--local');
    expect(await (await engine()).countZeekConnections()).toBe(ZEEK.events);

    settings({ ...MOVED, VAST_VERSION: ENGINE.name, VAST_NAMESPACE: 'soc.example.org' });
    const changed = await vastCloud('deploy', '--local');
    expect(changed.exitCode).toBe(2);
    expect(changed.stderr).toContain('the server of VastCloud is vast-server.vast.internal, and would become vast-server.soc.example.org');
    expect(changed.stderr).toContain('which VAST_FILE_SYSTEM_ID named and no longer does');

    // The settings may be gone or wrong by the time a stack is destroyed.
    settings({ VAST_AWS_REGION: NEEDED.VAST_AWS_REGION });
    await done('destroy', '--local', '--force');
  });

  test('destroying what is not there is said', async () => {
    expect(await vastCloud('destroy', '--local', '--force')).toMatchObject({
      exitCode: 2, stderr: expect.stringContaining("there is no stack 'VastCloud'"),
    });
  });

  test('stop leaves nothing behind, and can be repeated', async () => {
    const id = readFileSync(path.join(home, 'local-aws', 'default', 'id'), 'utf8').trim();
    await done('local', 'stop');
    await done('local', 'stop');
    const left = await docker('ps', '--all', '--quiet', '--filter', `label=cdk-vast.local-aws-id=${id}`);
    expect(left).toBe('');
  });
});

async function localAws(): Promise<LocalAws> {
  return JSON.parse((await run('python3', [path.join(ROOT, 'local-aws', 'local_aws_ctl.py'), 'status', '--json'],
    { env: environment, capture: true })).stdout) as LocalAws;
}

/** The deployment, seen through this process's own SDK. */
async function deployment(): Promise<DeploymentOutput> {
  Object.assign(process.env, (await localAws()).env, { AWS_REGION: NEEDED.VAST_AWS_REGION, AWS_DEFAULT_REGION: NEEDED.VAST_AWS_REGION });
  return eventually('the deployment', async () => (await findDeployments(CONNECTION, 'VastCloud'))[0]);
}

/** The bucket is as private and as short-lived as it should be, and a command can use it. */
async function checkWorkBucket(Bucket: string) {
  await CONNECTION.use('s3', async (client, sdk) => {
    const access = await client.send(new sdk.GetPublicAccessBlockCommand({ Bucket }));
    expect(access.PublicAccessBlockConfiguration)
      .toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    const { Rules } = await client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }));
    expect(Rules).toEqual([expect.objectContaining({
      Status: 'Enabled', Expiration: expect.objectContaining({ Days: 7 }), AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    })]);
    const { Policy } = await client.send(new sdk.GetBucketPolicyCommand({ Bucket }));
    expect(Policy).toContain('aws:SecureTransport');
  });
  const object = 's3://$CDK_VAST_WORK_BUCKET/object';
  const result = await callClient(CONNECTION, await deployment(),
    { cmd: `set -e; echo scratch | aws s3 cp - ${object}; aws s3 cp ${object} -; aws s3 rm --quiet ${object}` });
  expect(result).toMatchObject({ exitCode: 0, stdout: 'scratch\n' });
}

async function engine(): Promise<EngineShell> {
  const { task } = await new Server(CONNECTION, await deployment()).start({ timeoutSeconds: 180 });
  const shell = await EngineShell.ofTask(task.taskArn, ENGINE);
  await shell.waitUntilReady(() => undefined);
  return shell;
}
