import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, RunResult } from '../../src/cli/run';
import { STACK_DESCRIPTION } from '../../src/cli/settings';
import { FaultyEndpoint, Received } from '../runtime/faulty-endpoint';

// With the CDK CLI itself: it has its own mind about credentials. In this AWS, the key names the account.
const PROGRAM = path.resolve(__dirname, '..', '..', 'bin', 'vast-cloud.js');
const PROFILE = '111111111111';
const KEYS = '222222222222';
const OTHER = '333333333333';

let home: string;
let endpoint: FaultyEndpoint;
let bootstrapped: boolean;
let stackThere: boolean;
/** The account of the next callers, whatever their keys. */
let pretended: string[];

const accountOf = ({ headers }: Received) => /Credential=(\w+)/.exec(String(headers.authorization))?.[1] ?? 'none';

/** The name of the operation; S3 and EFS have it in method and path. */
function actionOf({ url, headers, body }: Received): string {
  if (url.endsWith('/file-systems')) {
    return 'DescribeFileSystems';
  } else if (url.startsWith('/cdk-hnb659fds-assets-')) {
    return 'S3';
  }
  return String(headers['x-amz-target'] ?? `.${new URLSearchParams(body.toString()).get('Action')}`).split('.').pop()!;
}

const fault = (code: string, message: string) => ({ status: 400, body: `<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` });

function answer(request: Received): { status: number; body: string } {
  const action = actionOf(request);
  switch (action) {
    case 'GetCallerIdentity':
      return {
        status: 200,
        body: `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${pretended.shift() ?? accountOf(request)}</Account>`
        + '<Arn>arn:aws:iam::1:user/ann</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>',
      };
    case 'GetParameter':
      return bootstrapped ? { status: 200, body: '{"Parameter":{"Value":"30"}}' } : { status: 400, body: '{"__type":"ParameterNotFound"}' };
    case 'DescribeStacks':
      return stackThere ? {
        status: 200,
        body: '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>VastCloud</StackName><StackId>arn:aws:cloudformation:eu-west-1:2:stack/VastCloud/1</StackId>'
        + `<StackStatus>CREATE_COMPLETE</StackStatus><Description>${STACK_DESCRIPTION}</Description><CreationTime>2026-01-01T00:00:00Z</CreationTime>`
        + '<Outputs><member><OutputKey>BootstrapVersion</OutputKey><OutputValue>30</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>',
      }
        : fault('ValidationError', `Stack with id ${new URLSearchParams(request.body.toString()).get('StackName')} does not exist`);
    case 'DeleteStack':
      stackThere = false;
      return { status: 200, body: '<DeleteStackResponse/>' };
    case 'DescribeAvailabilityZones':
      return {
        status: 200,
        body: '<DescribeAvailabilityZonesResponse><availabilityZoneInfo><item><zoneName>eu-west-1a</zoneName>'
        + '<zoneState>available</zoneState></item></availabilityZoneInfo></DescribeAvailabilityZonesResponse>',
      };
    case 'DescribeFileSystems':
      return { status: 200, body: '{"FileSystems":[]}' };
    default:
      return fault('AccessDenied', `the test allows no ${action}`);
  }
}

beforeEach(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'vast-cloud-account-'));
  bootstrapped = stackThere = true;
  pretended = [];
  endpoint = (await FaultyEndpoint.open()).always((response, request) => {
    const { status, body } = answer(request);
    response.writeHead(status, { 'content-type': body.startsWith('<') ? 'text/xml' : 'application/x-amz-json-1.1' }).end(body);
  });
  const url = endpoint.url.replace('127.0.0.1', 'localhost');
  writeFileSync(path.join(home, 'config'), `[profile prod]\naws_access_key_id = ${PROFILE}\naws_secret_access_key = x\nendpoint_url = ${url}\n`
    + `[default]\naws_access_key_id = ${OTHER}\naws_secret_access_key = x\nendpoint_url = ${url}\n`);
});
afterEach(async () => {
  await endpoint.close();
  rmSync(home, { recursive: true });
});

async function vastCloud(args: string[], environment: NodeJS.ProcessEnv): Promise<RunResult> {
  return run(process.execPath, [PROGRAM, ...args], {
    cwd: home,
    capture: true,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: path.join(home, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      VAST_AWS_REGION: 'eu-west-1',
      VAST_PEERED_VPC_ID: 'none',
      VAST_CIDR: '10.0.0.0/24',
      VAST_CLIENT_IMAGE: 'none',
      ...environment,
    },
  });
}

/** The accounts that were called, and what was called there. */
function called(): { [account: string]: string[] } {
  const found: { [account: string]: string[] } = {};
  for (const request of endpoint.received) {
    (found[accountOf(request)] ??= []).push(actionOf(request));
  }
  return found;
}

const keys = { AWS_ACCESS_KEY_ID: KEYS, AWS_SECRET_ACCESS_KEY: 'x' };
const CASES: [string, NodeJS.ProcessEnv, string][] = [
  ['keys beside AWS_PROFILE', { AWS_PROFILE: 'prod', ...keys }, KEYS],
  ['AWS_PROFILE', { AWS_PROFILE: 'prod' }, PROFILE],
  ['AWS_DEFAULT_PROFILE', { AWS_DEFAULT_PROFILE: 'prod' }, PROFILE],
  ['neither', { AMAZON_ACCESS_KEY_ID: KEYS, AMAZON_SECRET_ACCESS_KEY: 'x' }, OTHER],
];

test.each(CASES)('destroy works in one account: %s', async (_, environment, account) => {
  const { exitCode, stderr } = await vastCloud(['destroy', '--force'], environment);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.any(String) });
  const calls = called();
  expect(Object.keys(calls)).toEqual([account]);
  expect(calls[account]).toContain('DeleteStack');
});

test.each(CASES.slice(0, 2))('deploy works in one account: %s', async (_, environment, account) => {
  const { exitCode, stderr } = await vastCloud(['deploy', '--auto-approve'], environment);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('the deployment failed: the CDK CLI ended with 1') });
  const calls = called();
  expect(Object.keys(calls)).toEqual([account]);
  // The template is on its way to the bucket, whose name is in the path: this is not AWS's own S3.
  expect(calls[account]).toContain('S3');
});

test('bootstrapping is for the same account, and the CDK CLI knows all that it is told', async () => {
  bootstrapped = stackThere = false;
  const { stdout, stderr } = await vastCloud(['deploy', '--auto-approve', '--bootstrap'], { AWS_PROFILE: 'prod', ...keys });
  const calls = called();
  expect(Object.keys(calls)).toEqual([KEYS]);
  expect(calls[KEYS]).toContain('CreateChangeSet');
  expect(stdout + stderr).toContain(`aws://${KEYS}/eu-west-1`);
  expect(stdout + stderr).not.toContain('Unknown option');
});

test.each([['deploy', '--auto-approve'], ['destroy', '--force']])('%s is refused where the CDK CLI would change another account', async (...args) => {
  // The first to ask is vast-cloud itself.
  pretended = [OTHER];
  const { exitCode, stdout, stderr } = await vastCloud(args, keys);
  expect(exitCode).not.toBe(0);
  expect(stdout + stderr).toContain(`the account ${OTHER} was looked at, and the CDK CLI would change the account ${KEYS}`);
  expect(Object.values(called()).flat()).not.toContain('DeleteStack');
});
