import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { AwsEndpoint } from './doctor/aws-endpoint';
import { FaultError } from './fake-aws';
import { DEPLOYMENT, FakeServer } from './server/fake-server';

// A function of a user's: it is bundled with the packed package, as `NodejsFunction` does, and deployed as one file.
const ROOT = path.resolve(__dirname, '..', '..');
const HANDLER = `
import { AwsConnection, Client, findDeployment, Server } from 'cdk-vast/runtime';

export const handler = async ({ cloudFormation, others }) => {
  const at = async (endpoint, use) => {
    const connection = new AwsConnection({ endpoint });
    try {
      return await use(connection);
    } finally {
      connection.close();
    }
  };
  const deployment = await at(cloudFormation, connection => findDeployment(connection, 'VastCloud'));
  return at(others, async (connection) => {
    const server = new Server(connection, deployment);
    const { exitCode, stdout } = await new Client(connection, deployment).run('vast count');
    return {
      exitCode,
      stdout: String(stdout),
      state: (await server.status()).state,
      session: await server.execute('true', { timeoutSeconds: 60 }).then(() => 'opened', error => error.name + ': ' + error.message),
    };
  });
};
`;

let home: string;
beforeAll(() => { home = mkdtempSync(path.join(tmpdir(), 'cdk-vast-bundled-')); });
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What AWS calls the deployment's output. */
const STACK = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>VastCloud</StackName><StackId>arn:stack</StackId>
<CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Outputs><member><OutputKey>VastDiscovery</OutputKey>
<OutputValue>${JSON.stringify(DEPLOYMENT).replaceAll('"', '&quot;')}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

async function bundled(): Promise<string> {
  const project = path.join(home, 'project');
  const [installed, deployed] = [path.join(project, 'node_modules', 'cdk-vast'), path.join(home, 'deployed')];
  [installed, deployed].forEach(directory => mkdirSync(directory, { recursive: true }));
  const [{ filename }] = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', home], {
    cwd: ROOT, encoding: 'utf8',
  })) as { filename: string }[];
  execFileSync('tar', ['-xzf', path.join(home, filename), '--strip-components=1', '-C', installed]);
  writeFileSync(path.join(project, 'handler.mjs'), HANDLER);
  const { warnings } = await build({
    entryPoints: [path.join(project, 'handler.mjs')], bundle: true, platform: 'node', target: 'node20', outfile: path.join(deployed, 'index.js'), logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  expect(readdirSync(deployed)).toEqual(['index.js']);
  return deployed;
}

test('a function that uses cdk-vast/runtime is bundled into one file, which finds a deployment, asks ECS, runs a command and opens a session', async () => {
  const directory = await bundled();
  const refusing = createServer((_request, response) => response.writeHead(404).end());
  const asked: (string | undefined)[] = [];
  refusing.on('upgrade', ({ headers }, socket) => {
    asked.push(headers.upgrade);
    socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
  });
  await new Promise<void>(resolve => refusing.listen(0, '127.0.0.1', resolve));
  const cloudFormation = await AwsEndpoint.open({ DescribeStacks: STACK });
  const others = await FakeServer.open({
    Invoke: () => ({ exitCode: 3, stdout: '42\n' }),
    ExecuteCommand: () => ({
      session: { sessionId: 'ecs-execute-command-1', streamUrl: `ws://127.0.0.1:${(refusing.address() as AddressInfo).port}/`, tokenValue: 'token' },
    }),
    ResumeSession: () => { throw new FaultError({ code: 'DoesNotExistException' }); },
    TerminateSession: () => ({}),
  });
  others.ecs.addRunning();
  try {
    const event = { cloudFormation: cloudFormation.url, others: others.aws.endpoint };
    const { stdout } = await promisify(execFile)(process.execPath, [
      '-e', 'require("./index.js").handler(JSON.parse(process.argv[1])).then(result => console.log(JSON.stringify(result)))', JSON.stringify(event),
    ], { cwd: directory, env: { PATH: process.env.PATH, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' } });
    expect(JSON.parse(stdout)).toEqual({ exitCode: 3, stdout: '42\n', state: 'running', session: expect.stringMatching(/^Session\w+Error: /) });
    expect(asked).toContain('websocket');
  } finally {
    refusing.closeAllConnections();
    refusing.close();
    await Promise.all([cloudFormation.close(), others.close()]);
  }
}, 300_000);

test.each(['cdk-vast', 'cdk-vast/runtime'])('importing %s loads neither the AWS SDK nor a websocket library; the package no class of its runtime, and the runtime no CDK', (name) => {
  const script = 'require(process.argv[1]); console.log(JSON.stringify(Object.keys(require.cache)))';
  const loaded = JSON.parse(execFileSync(process.execPath, ['-e', script, name], { cwd: ROOT, encoding: 'utf8' })) as string[];
  const of = (word: string) => loaded.filter(file => file.includes(word));
  if (name === 'cdk-vast') {
    expect([...of('/lib/runtime/exec/'), ...of('/lib/runtime/client/'), ...of('/lib/runtime/server/server.')]).toEqual([]);
  }
  expect(of('/lib/runtime/')).not.toEqual([]);
  expect([...of('/lib/runtime/aws-sdk/'), ...of('/@aws-sdk/'), ...of('/@smithy/'), ...of('/node_modules/ws/')]).toEqual([]);
  if (name !== 'cdk-vast') expect(of('/aws-cdk-lib/')).toEqual([]);
});
