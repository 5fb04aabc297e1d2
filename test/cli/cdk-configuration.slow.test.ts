import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cdk } from '../../src/cli/cdk';
import { checkConstructs } from '../../src/cli/deployment-app';
import { readSettings } from '../../src/cli/settings';
import { FaultyEndpoint } from '../runtime/faulty-endpoint';

// With the CDK CLI itself: it decides what it reads.
let home: string;
beforeEach(() => { home = mkdtempSync(path.join(tmpdir(), 'vast-cloud-cdk-')); });
afterEach(() => rmSync(home, { recursive: true }));

/** What the variables and files of a user may have, and what would become of a deployment. */
const THEIRS: NodeJS.ProcessEnv = {
  CDK_APP: 'false',
  CDK_PROFILE: 'theirs',
  CDK_PLUGIN: '/nonexistent',
  CDK_ROLE_ARN: 'arn:aws:iam::999999999999:role/theirs',
  CDK_CONTEXT_JSON: '{ "theirs": "variable" }',
  CONTEXT_OVERFLOW_LOCATION: '/nonexistent',
};

function app(): string {
  const file = path.join(home, 'app.js');
  writeFileSync(file, `const { App, Stack } = require(${JSON.stringify(require.resolve('aws-cdk-lib'))});
    const app = new App();
    new Stack(app, 'Ours', { env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: 'eu-west-1' } });
    const { CDK_DEFAULT_ACCOUNT: account, CDK_DOCKER: docker, HOME: home } = process.env;
    console.log(JSON.stringify({ account, docker, home, ours: app.node.tryGetContext('ours'), theirs: app.node.tryGetContext('theirs') }));`);
  return file;
}

test('neither variables nor ~/.cdk.json take part; the program that builds images does', async () => {
  const endpoint = (await FaultyEndpoint.open()).always((response, { headers }) => void response.writeHead(200, { 'content-type': 'text/xml' }).end(
    `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${/Credential=(\w+)/.exec(String(headers.authorization))![1]}</Account>`
    + '<Arn>arn:aws:iam::1:user/ann</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>'));
  writeFileSync(path.join(home, '.cdk.json'), JSON.stringify({
    app: 'false', profile: 'theirs', plugin: ['/nonexistent'], context: { theirs: 'file' }, output: path.join(home, 'output-of-file'), proxy: 'http://localhost:9',
  }));
  const { exitCode, stdout, stderr } = await cdk({ file: app(), context: { ours: 'ours' } }, ['list'], {
    capture: true,
    env: {
      ...THEIRS,
      CDK_OUTDIR: path.join(home, 'output-of-variable'),
      CDKOUTPUT: path.join(home, 'output-of-variable'),
      CDK_DOCKER: 'podman',
      PATH: process.env.PATH,
      HOME: home,
      AMAZON_ACCESS_KEY_ID: '999999999999',
      AMAZON_SECRET_ACCESS_KEY: 'theirs',
      AWS_ACCESS_KEY_ID: '111111111111',
      AWS_SECRET_ACCESS_KEY: 'ours',
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: endpoint.url,
    },
  });
  await endpoint.close();
  expect({ exitCode, stderr, stacks: stdout.trim().split('\n').pop() }).toMatchObject({ exitCode: 0, stacks: 'Ours' });
  const seen = `${stdout}${stderr}`.split('\n').find(line => line.startsWith('{'))!;
  expect(JSON.parse(seen)).toEqual({ account: '111111111111', docker: 'podman', home, ours: 'ours' });
  expect(['output-of-file', 'output-of-variable'].filter(name => existsSync(path.join(home, name)))).toEqual([]);
});

test('the app is not disturbed by them either where it runs without the CDK CLI', async () => {
  Object.assign(process.env, THEIRS, { CDK_OUTDIR: path.join(home, 'output') });
  await checkConstructs(readSettings({ VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '10.0.0.0/24', VAST_CLIENT_IMAGE: 'none' }));
  expect(existsSync(path.join(home, 'output'))).toBe(false);
});
