import { ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, RequestListener, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { docker, eventually, ROOT } from './scene';
import { run } from '../../src/cli/run';

/** What a machine without a registry has instead of the official image: Debian, Node.js and npm. */
const BASE = 'cdk-vast.local/node-with-npm:22';
const NODE = /^(node|nodejs|npm|npx|corepack)$/;

let home: string;
let environment: NodeJS.ProcessEnv;
const servers: Server[] = [];

/** An AWS on this machine that does what is given; returns where. */
async function listening(answer: RequestListener): Promise<{ server: Server; endpoint: string }> {
  const server = createServer(answer);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, endpoint: `http://localhost:${(server.address() as AddressInfo).port}` };
}

async function vastCloud(args: string[], more: NodeJS.ProcessEnv = {}) {
  return run(path.join(ROOT, 'vast-cloud'), args, { cwd: path.join(home, 'here'), env: { ...environment, ...more }, capture: true });
}

/** A directory of links to every program of this machine but some. */
function programsWithout(name: string, without: RegExp): string {
  const directory = path.join(home, name);
  mkdirSync(directory);
  for (const from of process.env.PATH!.split(':').filter(existsSync)) {
    for (const program of readdirSync(from).filter(file => !without.test(file) && !existsSync(path.join(directory, file)))) {
      try {
        symlinkSync(path.join(from, program), path.join(directory, program));
      } catch {
        // A broken link of that name was there already.
      }
    }
  }
  return directory;
}

async function buildBase() {
  const context = path.join(home, 'base');
  mkdirSync(context);
  const packed = execFileSync('npm', ['pack', '--silent', 'npm@10'], { cwd: context, encoding: 'utf8' }).trim();
  execFileSync('tar', ['-xzf', packed], { cwd: context });
  // A network of a company may have its own authority, which Debian's image does not know.
  const authorities = process.env.NODE_EXTRA_CA_CERTS;
  if (authorities) {
    copyFileSync(authorities, path.join(context, 'authorities.crt'));
  } else {
    writeFileSync(path.join(context, 'authorities.crt'), '');
  }
  writeFileSync(path.join(context, 'Dockerfile'), [
    'ARG NODE_IMAGE=public.ecr.aws/docker/library/node:22-bookworm-slim',
    'FROM ${NODE_IMAGE} AS node',
    'FROM cdk-vast.local/debian:bookworm-2',
    'COPY --from=node /usr/local/bin/node /usr/local/bin/node',
    'COPY package /usr/local/lib/node_modules/npm',
    'COPY authorities.crt /usr/local/share/authorities.crt',
    'RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx',
    ...authorities ? ['ENV NODE_EXTRA_CA_CERTS=/usr/local/share/authorities.crt'] : [],
  ].join('\n'));
  const { status, stdout, stderr } = spawnSync('python3', [path.join(ROOT, 'local-aws', 'docker_for_cdk.py'), 'build', '--tag', BASE, context], { encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`the base image was not built: ${stdout}${stderr}`);
  }
}

/** An AWS on this machine for which all credentials have expired. */
async function expiredAws() {
  const asked: string[] = [];
  const { endpoint } = await listening((request, response) => {
    asked.push(String(request.headers.authorization));
    response.writeHead(403, { 'Content-Type': 'text/xml' });
    response.end('<ErrorResponse><Error><Code>ExpiredToken</Code><Message>long ago</Message></Error></ErrorResponse>');
  });
  return { endpoint, asked };
}

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'vast-cloud-image-'));
  mkdirSync(path.join(home, 'here'));
  environment = { ...process.env, HOME: home, PATH: programsWithout('without-node', NODE), VAST_CLOUD_NODE_IMAGE: BASE, AWS_EC2_METADATA_DISABLED: 'true' };
  for (const name of Object.keys(environment).filter(key => /^(AWS|VAST)_(?!EC2|CLOUD|CA)/.test(key))) {
    delete environment[name];
  }
  // Debian as the tests of the local AWS have it.
  execFileSync('python3', ['-c', 'import sys; sys.path.insert(0, sys.argv[1]); from local_aws import engine_image; engine_image.ensure_base(print)',
    path.join(ROOT, 'local-aws')], { stdio: 'ignore' });
  await buildBase();
  spawnSync('docker', ['image', 'rm', 'cdk-vast-cli']);
});
afterEach(() => {
  // Also after a failure: what listens would keep jest from ending.
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test('the first call builds the image, the second one uses it', async () => {
  const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(await vastCloud(['--version'])).toEqual({
    exitCode: 0, stdout: `${version}\n`, stderr: 'vast-cloud: Node.js is missing: building the image cdk-vast-cli to run in (once; some minutes)\n',
  });
  const built = await docker('image', 'inspect', '--format', '{{.Id}}', 'cdk-vast-cli');
  expect(await vastCloud(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  // The base need not be named again.
  expect(await vastCloud(['--help'], { VAST_CLOUD_NODE_IMAGE: undefined })).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('doctor'), stderr: '' });
  expect(await docker('image', 'inspect', '--format', '{{.Id}}', 'cdk-vast-cli')).toBe(built);
});

test('a Node.js that is too old is none', async () => {
  const old = path.join(home, 'old');
  mkdirSync(old);
  writeFileSync(path.join(old, 'node'), '#!/bin/sh\necho v20.11.1\n', { mode: 0o755 });
  expect(await vastCloud(['--version'], { PATH: `${old}:${environment.PATH}` })).toMatchObject({ exitCode: 0, stderr: '' });
});

test('exit codes and messages pass through', async () => {
  expect(await vastCloud(['deplyo'])).toEqual({ exitCode: 2, stdout: '', stderr: expect.stringContaining('Did you mean deploy?') });
});

test('doctor sees .env of the current directory, the variables, Docker, and an AWS on this machine', async () => {
  const { endpoint, asked } = await expiredAws();
  writeFileSync(path.join(home, 'here', '.env'), 'VAST_AWS_REGION=eu-west-1\nVAST_PEERED_VPC_ID=none\n');
  // A profile of the shared configuration, which is the caller's and not in the image.
  mkdirSync(path.join(home, '.aws'));
  writeFileSync(path.join(home, '.aws', 'credentials'), '[ann]\naws_access_key_id = AKIAFROMTHEPROFILE\naws_secret_access_key = x\n');
  const { exitCode, stdout } = await vastCloud(['doctor'], {
    VAST_CIDR: '10.7.3.0/24', AWS_PROFILE: 'ann', AWS_ENDPOINT_URL: endpoint,
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringMatching(/^✔ settings +v3.1.0 in 10.7.3.0\/24 of eu-west-1, peered with nothing/m) });
  expect(stdout).toMatch(/^✔ docker +it answers/m);
  expect(stdout).toMatch(/^✔ cdk +2\./m);
  expect(stdout).toMatch(/^✖ credentials +the AWS credentials have expired/m);
  expect(asked[0]).toContain('Credential=AKIAFROMTHEPROFILE/');
});

test('directories may have any name, and HOME may be missing', async () => {
  const odd = path.join(home, 'a:b \'c", d');
  mkdirSync(path.join(odd, '.aws'), { recursive: true });
  writeFileSync(path.join(odd, '.aws', 'credentials'), '[bob]\naws_access_key_id = AKIAFROMTHEPROFILE\naws_secret_access_key = x\n');
  writeFileSync(path.join(odd, '.env'), 'VAST_AWS_REGION=eu-west-1\nVAST_PEERED_VPC_ID=none\nVAST_CIDR=10.7.9.0/24\n');
  writeFileSync(path.join(odd, 'ca.pem'), '');
  const call = async (env: NodeJS.ProcessEnv) => run(path.join(ROOT, 'vast-cloud'), ['doctor'], {
    cwd: odd, capture: true, env: { ...environment, AWS_ENDPOINT_URL: 'http://localhost:9', AWS_CA_BUNDLE: 'ca.pem', ...env },
  });
  const { stdout, stderr } = await call({ HOME: odd, AWS_PROFILE: 'bob' });
  expect({ stdout, stderr }).toEqual({ stdout: expect.stringContaining('v3.1.0 in 10.7.9.0/24 of eu-west-1'), stderr: expect.not.stringContaining('docker') });
  // Credentials are there: what is missing is the AWS.
  expect(stdout).toMatch(/^✖ credentials +.*AWS_ENDPOINT_URL/m);
  const homeless = await call({ HOME: undefined, AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' });
  expect(homeless.stdout).toMatch(/^✖ credentials +.*AWS_ENDPOINT_URL/m);
});

test('what desktops and editors leave in the clone is no reason to build the image anew', async () => {
  const left = ['docker/client/.DS_Store', 'src/.index.ts.swp', 'src/cli/._main.ts', 'src/cli/main.ts~'].map(file => path.join(ROOT, file));
  try {
    left.forEach(file => writeFileSync(file, 'left'));
    expect(await vastCloud(['--version'])).toMatchObject({ exitCode: 0, stderr: '' });
  } finally {
    left.forEach(file => rmSync(file, { force: true }));
  }
});

test('an AWS on this machine that only a profile names is reached, too', async () => {
  const { endpoint, asked } = await expiredAws();
  writeFileSync(path.join(home, '.aws', 'config'), `[profile ann]\nendpoint_url = ${endpoint}\n`);
  const { stdout } = await vastCloud(['doctor'], { AWS_DEFAULT_PROFILE: 'ann' });
  rmSync(path.join(home, '.aws', 'config'));
  expect(stdout).toMatch(/^✖ credentials +the AWS credentials have expired/m);
  expect(asked[0]).toContain('Credential=AKIAFROMTHEPROFILE/');
});

test('what it starts belongs to the caller, publishes nothing, and ends when it is told to', async () => {
  // Something that waits: an AWS that does not answer.
  const { server, endpoint } = await listening(() => undefined);
  const asked = once(server, 'request');
  const child: ChildProcess = spawn(path.join(ROOT, 'vast-cloud'), ['destroy', '--force'], {
    cwd: path.join(home, 'here'),
    stdio: 'ignore',
    env: { ...environment, AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x', VAST_AWS_REGION: 'eu-west-1' },
  });
  await asked;
  const containers = async () => (await docker('ps', '--quiet', '--filter', `volume=${path.join(home, 'here')}`)).split('\n').filter(Boolean);
  const [container] = await containers();
  expect(await docker('inspect', '--format', '{{.Config.User}} {{json .HostConfig.PortBindings}} {{.Config.Tty}}', container))
    .toBe(`${process.getuid!()}:${process.getgid!()} {} false`);
  child.kill('SIGTERM');
  const [code, signal] = await once(child, 'exit') as [number | null, string | null];
  expect({ code, signal }).toEqual({ code: 143, signal: null });
  await eventually('the container to be gone', async () => (await containers()).length === 0 || undefined);
});

test('at a terminal it has one, elsewhere it has none', async () => {
  const variables = {
    VAST_AWS_REGION: 'eu-west-1',
    VAST_PEERED_VPC_ID: 'none',
    VAST_CIDR: '10.7.3.0/24',
    AWS_ENDPOINT_URL: 'http://localhost:9',
    AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  expect(await vastCloud(['deploy'], variables)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there is no terminal to ask on') });
  const { status, stdout } = spawnSync('script', ['--quiet', '--return', '--command', `${ROOT}/vast-cloud deploy`, path.join(home, 'typescript')], {
    cwd: path.join(home, 'here'), encoding: 'utf8', env: { ...environment, ...variables },
  });
  expect({ status, stdout }).toEqual({ status: 2, stdout: expect.stringContaining('nothing answers at AWS_ENDPOINT_URL') });
});

test.each([[['local', 'start']], [['--verbose', 'demo']], [['deploy', '--local']]])('%j takes more than an image, and says so', async (args) => {
  expect(await vastCloud(args)).toEqual({
    exitCode: 2, stdout: '', stderr: 'vast-cloud: Node.js is missing: the local AWS takes it; install Node.js 20.12 or newer (https://nodejs.org)\n',
  });
});

test('with neither Node.js nor Docker it says what to install', async () => {
  expect(await vastCloud(['--version'], { PATH: programsWithout('without-both', /^(node|nodejs|npm|npx|docker)$/) })).toEqual({
    exitCode: 2,
    stdout: '',
    stderr: 'vast-cloud: Node.js is missing: install Node.js 20.12 or newer (https://nodejs.org), or Docker, in which vast-cloud can run as well\n',
  });
});

test('without a Docker that answers it says so', async () => {
  expect(await vastCloud(['--version'], { DOCKER_HOST: 'unix:///nowhere.sock' })).toMatchObject({
    exitCode: 2, stderr: expect.stringMatching(/^vast-cloud: Node.js is missing, and Docker does not answer \(.*nowhere.*\): start it, or install Node.js/),
  });
});
