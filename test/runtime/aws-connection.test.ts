import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { failure } from './client/faulty-client';
import { FaultyEndpoint, Reaction } from './faulty-endpoint';
import { AwsConnection } from '../../src/runtime/aws-connection';
import { isAwsEndpoint, resolveAwsSettings } from '../../src/runtime/aws-settings';
import { AwsConnectionOptions } from '../../src/runtime/aws-source';
import { callerIdentity } from '../../src/runtime/doctor/identity';
import { readCommand } from '../../src/runtime/read-command';

let directory: string;
let endpoint: FaultyEndpoint;
const connections: AwsConnection[] = [];

/** STS, in which the key names the account, as on the local AWS. */
const sts: Reaction = (response, { headers }) => {
  const [, account] = /Credential=([^/]+)/.exec(String(headers.authorization)) ?? [];
  response.writeHead(200, { 'content-type': 'text/xml' }).end(
    `<GetCallerIdentityResponse><GetCallerIdentityResult><Account>${account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`);
};

beforeEach(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-connection-'));
  endpoint = await FaultyEndpoint.open();
  endpoint.always(sts);
  for (const name of Object.keys(process.env).filter(key => /^AWS_/.test(key))) {
    delete process.env[name];
  }
  Object.assign(process.env, {
    AWS_CONFIG_FILE: path.join(directory, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: path.join(directory, 'credentials'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
afterEach(async () => {
  connections.splice(0).forEach(connection => connection.close());
  await endpoint.close();
  rmSync(directory, { recursive: true });
});

function connect(options: AwsConnectionOptions = {}): AwsConnection {
  const connection = new AwsConnection({ region: 'eu-west-1', ...options });
  connections.push(connection);
  return connection;
}

function config(...lines: string[]) {
  writeFileSync(path.join(directory, 'config'), lines.join('\n'));
}

function keys(account: string): NodeJS.ProcessEnv {
  return { AWS_ACCESS_KEY_ID: account, AWS_SECRET_ACCESS_KEY: 'secret' };
}

function profile(name: string, account: string): string[] {
  return [name === 'default' ? '[default]' : `[profile ${name}]`, `aws_access_key_id = ${account}`, 'aws_secret_access_key = secret'];
}

describe('the account', () => {
  const accountOf = async (options: AwsConnectionOptions = {}) => (await callerIdentity(connect({ endpoint: endpoint.url, ...options }))).account;

  beforeEach(() => config(...profile('default', 'default'), ...profile('prod', 'prod'), ...profile('other', 'other')));

  test.each<[string, NodeJS.ProcessEnv, AwsConnectionOptions, string]>([
    ['the default profile, with nothing else', {}, {}, 'default'],
    ['AWS_PROFILE', { AWS_PROFILE: 'prod' }, {}, 'prod'],
    ['AWS_DEFAULT_PROFILE', { AWS_DEFAULT_PROFILE: 'prod' }, {}, 'prod'],
    ['AWS_PROFILE before AWS_DEFAULT_PROFILE', { AWS_PROFILE: 'prod', AWS_DEFAULT_PROFILE: 'other' }, {}, 'prod'],
    ['the keys before AWS_PROFILE', { AWS_PROFILE: 'prod', ...keys('keys') }, {}, 'keys'],
    ['the keys before AWS_DEFAULT_PROFILE', { AWS_DEFAULT_PROFILE: 'prod', ...keys('keys') }, {}, 'keys'],
    ['an explicit profile before the keys', { AWS_PROFILE: 'prod', ...keys('keys') }, { profile: 'other' }, 'other'],
    ['a profile that is empty is none', { AWS_PROFILE: '', ...keys('') }, {}, 'default'],
  ])('%s', async (_, environment, options, account) => {
    Object.assign(process.env, environment);
    expect(await accountOf(options)).toBe(account);
  });

  test('half a pair of keys', async () => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIA';
    expect(await failure(accountOf())).toMatchObject({ name: 'InvalidInputError', message: expect.stringContaining('AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY') });
  });

  // The chain would go on to the role of the machine.
  test.each([[{ AWS_PROFILE: 'prdo' }, {}, 'AWS_PROFILE=prdo'], [{ AWS_PROFILE: 'prdo', ...keys('keys') }, {}, 'AWS_PROFILE=prdo'], [{}, { profile: 'prdo' }, "profile 'prdo'"]])(
    'an unknown profile: %j %j', async (environment, options, given) => {
      Object.assign(process.env, environment);
      expect(await failure(accountOf(options))).toMatchObject({
        name: 'AwsCallError', failure: 'CREDENTIALS', message: expect.stringMatching(new RegExp(`^${given}: there is no such profile in .*; there is default, other, prod$`)),
      });
      expect(endpoint.received).toEqual([]);
    });

  test('a failing credential_process is named, and nothing else is tried instead', async () => {
    const program = path.join(directory, 'process');
    writeFileSync(program, '#!/bin/sh\necho "the vault is locked" >&2\nexit 3\n');
    chmodSync(program, 0o755);
    config('[profile vault]', `credential_process = ${program} --account 1`);
    Object.assign(process.env, { AWS_PROFILE: 'vault', AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url });
    expect(await failure(accountOf())).toMatchObject({
      name: 'AwsCallError',
      failure: 'CREDENTIALS',
      message: expect.stringMatching(
        /^the profile 'vault' gives no credentials \([^]*the vault is locked\): run its credential_process by hand: .*process --account 1$/),
    });
    expect(endpoint.received).toEqual([]);
    writeFileSync(program, `#!/bin/sh\necho run >> ${directory}/runs\necho '{"Version": 1, "AccessKeyId": "vault", "SecretAccessKey": "secret"}'\n`);
    // Once for all the services of a connection.
    const connection = connect({ endpoint: endpoint.url });
    expect((await callerIdentity(connection)).account).toBe('vault');
    await connection.use('s3', (client, { HeadBucketCommand }) => client.send(new HeadBucketCommand({ Bucket: 'b' })));
    expect(readFileSync(path.join(directory, 'runs'), 'utf8')).toBe('run\n');
  });

  test.each([
    [['sso_start_url = https://example.invalid', 'sso_account_id = 1', 'sso_role_name = r', 'sso_region = eu-west-1'], 'log in: aws sso login --profile p'],
    [['role_arn = arn:aws:iam::1:role/r', 'source_profile = default', 'mfa_serial = arn:aws:iam::1:mfa/ann'], 'aws configure export-credentials --profile p --format env'],
    [['role_arn = arn:aws:iam::1:role/r', 'source_profile = gone'], 'check it: aws sts get-caller-identity --profile p'],
  ])('a profile that gives none says what to do: %j', async (lines, advice) => {
    config(...profile('default', 'default'), '[profile p]', ...lines);
    expect(await failure(accountOf({ profile: 'p' }))).toMatchObject({ name: 'AwsCallError', message: expect.stringContaining(advice) });
  });

  test('a network failure while the credentials are fetched is one that may be over', async () => {
    config(...profile('default', 'default'), '[profile p]', 'role_arn = arn:aws:iam::1:role/r', 'source_profile = default', 'region = eu-west-1');
    process.env.AWS_ENDPOINT_URL_STS = 'http://127.0.0.1:9';
    expect(await failure(accountOf({ profile: 'p' }))).toMatchObject({
      name: 'AwsCallError',
      failure: 'UNREACHABLE',
      message: expect.stringMatching(/^the credentials of the profile 'p' could not be fetched: AWS is not reachable \(.*ECONNREFUSED/),
    });
  });

  test.each<[string, number, string, string]>([
    ['throttles', 400, 'Throttling', 'THROTTLED'], ['has a problem', 500, 'InternalFailure', 'SERVICE'], ['refuses', 400, 'ValidationError', 'CREDENTIALS'],
  ])('an STS that %s while a role is assumed', async (_, status, code, kind) => {
    config(...profile('default', 'default'), '[profile p]', 'role_arn = arn:aws:iam::1:role/r', 'source_profile = default', 'region = eu-west-1', 'max_attempts = 1');
    process.env.AWS_ENDPOINT_URL_STS = endpoint.url;
    process.env.AWS_MAX_ATTEMPTS = '1';
    endpoint.always(response => void response.writeHead(status, { 'content-type': 'text/xml' })
      .end(`<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error></ErrorResponse>`));
    expect(await failure(accountOf({ profile: 'p' }))).toMatchObject({ name: 'AwsCallError', failure: kind });
  });

  test('a profile that has settings only leaves the credentials to the container', async () => {
    config('[profile region]', 'region = eu-west-1');
    endpoint.next(response => void response.writeHead(200).end(JSON.stringify({
      AccessKeyId: 'container', SecretAccessKey: 'secret', Token: 't', Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    })));
    Object.assign(process.env, { AWS_PROFILE: 'region', AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url });
    expect(await accountOf()).toBe('container');
  });

  test.each<[string, NodeJS.ProcessEnv, string[], AwsConnectionOptions, string]>([
    ['comes before the keys of the default profile', {}, [], {}, 'web'],
    ['comes before the keys of AWS_PROFILE', { AWS_PROFILE: 'prod' }, [], {}, 'web'],
    ['comes after an explicit profile', {}, [], { profile: 'prod' }, 'prod'],
    ['comes after the keys of the environment', keys('keys'), [], {}, 'keys'],
    ['comes after a role of the profile', { AWS_PROFILE: 'p' }, ['[profile p]', 'role_arn = arn:aws:iam::1:role/r', 'source_profile = prod', 'region = eu-west-1'], {}, 'role'],
  ])('a web identity of the environment %s', async (_, environment, lines, options, account) => {
    config(...profile('default', 'default'), ...profile('prod', 'prod'), ...lines);
    writeFileSync(path.join(directory, 'token'), 'token');
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_STS: endpoint.url, AWS_WEB_IDENTITY_TOKEN_FILE: path.join(directory, 'token'), AWS_ROLE_ARN: 'arn:aws:iam::1:role/w', AWS_REGION: 'eu-west-1', ...environment,
    });
    endpoint.always((response, request) => {
      const [, action] = /Action=(AssumeRole\w*)/.exec(request.body.toString()) ?? [];
      if (!action) {
        return sts(response, request);
      }
      const assumed = action === 'AssumeRole' ? 'role' : 'web';
      response.writeHead(200, { 'content-type': 'text/xml' }).end(`<${action}Response><${action}Result><Credentials><AccessKeyId>${assumed}</AccessKeyId>`
        + `<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials></${action}Result></${action}Response>`);
      return undefined;
    });
    expect(await accountOf(options)).toBe(account);
  });

  test('a role is assumed with the keys of another profile', async () => {
    config(...profile('default', 'default'), '[profile p]', 'role_arn = arn:aws:iam::1:role/r', 'source_profile = default', 'region = eu-west-1');
    process.env.AWS_ENDPOINT_URL_STS = endpoint.url;
    endpoint.next(response => void response.writeHead(200, { 'content-type': 'text/xml' }).end('<AssumeRoleResponse><AssumeRoleResult><Credentials>'
      + '<AccessKeyId>role</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>'
      + '</Credentials></AssumeRoleResult></AssumeRoleResponse>'));
    expect(await accountOf({ profile: 'p' })).toBe('role');
    expect(String(endpoint.received[0].headers.authorization)).toContain('Credential=default/');
  });
});

describe('the region', () => {
  const regionOf = async (options: AwsConnectionOptions = {}) => (await resolveAwsSettings(options)).region;

  test.each<[NodeJS.ProcessEnv, AwsConnectionOptions, string | undefined]>([
    [{}, {}, undefined],
    [{ AWS_PROFILE: 'paris' }, {}, 'eu-west-3'],
    [{ AWS_PROFILE: 'paris', AWS_DEFAULT_REGION: 'eu-west-2' }, {}, 'eu-west-2'],
    [{ AWS_PROFILE: 'paris', AWS_DEFAULT_REGION: 'eu-west-2', AWS_REGION: 'eu-west-1' }, {}, 'eu-west-1'],
    [{ AWS_REGION: 'eu-west-1' }, { region: 'us-east-1' }, 'us-east-1'],
  ])('%j %j', async (environment, options, region) => {
    config('[profile paris]', 'region = eu-west-3');
    Object.assign(process.env, environment);
    expect(await regionOf(options)).toBe(region);
  });
});

describe('an endpoint that is not AWS\'s', () => {
  const read = async (options: AwsConnectionOptions = {}) => {
    endpoint.always(response => void response.writeHead(200, { 'content-length': '7' }).end('echo hi'));
    return (await readCommand(connect(options), 's3://bucket/key')).toString();
  };
  const port = () => new URL(endpoint.url).port;

  test.each<[string, (url: string) => { environment?: NodeJS.ProcessEnv; config?: string[]; options?: AwsConnectionOptions }]>([
    ['endpoint', url => ({ options: { endpoint: url } })],
    ['AWS_ENDPOINT_URL', url => ({ environment: { AWS_ENDPOINT_URL: url } })],
    ['AWS_ENDPOINT_URL_S3', url => ({ environment: { AWS_ENDPOINT_URL_S3: url, AWS_ENDPOINT_URL: 'http://localhost:9' } })],
    ['endpoint_url of AWS_PROFILE', url => ({ environment: { AWS_PROFILE: 'p' }, config: ['[profile p]', `endpoint_url = ${url}`] })],
    ['endpoint_url of AWS_DEFAULT_PROFILE', url => ({ environment: { AWS_DEFAULT_PROFILE: 'p' }, config: ['[profile p]', `endpoint_url = ${url}`] })],
    ['endpoint_url of the default profile', url => ({ config: ['[default]', `endpoint_url = ${url}`] })],
    ['endpoint_url of an explicit profile', url => ({
      environment: { AWS_PROFILE: 'o' }, options: { profile: 'p' }, config: ['[profile o]', 'endpoint_url = http://localhost:9', '[profile p]', `endpoint_url = ${url}`, ...profile('p', 'p').slice(1)],
    })],
    ['endpoint_url of its services section', url => ({
      environment: { AWS_PROFILE: 'p' }, config: ['[services s]', 's3 =', `  endpoint_url = ${url}`, '[profile p]', 'services = s', 'endpoint_url = http://localhost:9'],
    })],
  ])('gets the bucket in the path: %s', async (_, given) => {
    const { environment, config: lines = [], options } = given(`http://localhost:${port()}`);
    Object.assign(process.env, keys('k'), environment);
    config(...lines);
    expect(await read(options)).toBe('echo hi');
    expect(endpoint.received.map(({ method, url, headers }) => `${method} ${headers.host}${url}`)).toEqual([`GET localhost:${port()}/bucket/key?x-id=GetObject`]);
  });

  test('that nothing answers at is named, with its setting', async () => {
    Object.assign(process.env, keys('k'));
    config('[default]', 'endpoint_url = http://localhost:9');
    expect(await failure(read())).toMatchObject({ failure: 'UNREACHABLE', message: expect.stringContaining('nothing answers at endpoint_url of the profile default=http://localhost:9 (') });
    process.env.AWS_ENDPOINT_URL_S3 = 'http://localhost:9';
    expect(await failure(read())).toMatchObject({ failure: 'UNREACHABLE', message: expect.stringContaining('nothing answers at AWS_ENDPOINT_URL_S3=http://localhost:9 (') });
  });

  test.each(['foo', 'localhost:4566', 'ftp://localhost'])('that is malformed is named, with its setting: %s', async (url) => {
    Object.assign(process.env, keys('k'));
    const refusal = (setting: string) => ({ name: 'InvalidInputError', message: `${setting}=${url} is not a URL: give one such as http://localhost:4566` });
    expect(await failure(read({ endpoint: url }))).toMatchObject(refusal('endpoint'));
    config('[services s]', 's3 =', `  endpoint_url = ${url}`, '[profile p]', `endpoint_url = ${url}`, '[profile q]', 'services = s');
    process.env.AWS_PROFILE = 'p';
    expect(await failure(read())).toMatchObject(refusal('endpoint_url of the profile p'));
    process.env.AWS_PROFILE = 'q';
    expect(await failure(read())).toMatchObject(refusal('endpoint_url of s3 in the services s'));
    process.env.AWS_ENDPOINT_URL = url;
    expect(await failure(read())).toMatchObject(refusal('AWS_ENDPOINT_URL'));
  });

  test('that is to be ignored is not called', async () => {
    Object.assign(process.env, { AWS_ENDPOINT_URL: 'http://localhost:9', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' });
    expect((await resolveAwsSettings({})).endpointOf('S3')).toBeUndefined();
  });

  test.each<[string, string, boolean]>([
    ['https://s3.eu-west-1.amazonaws.com', 'eu-west-1', true],
    ['https://bucket.vpce-0123.s3.eu-west-1.vpce.amazonaws.com', 'eu-west-1', true],
    ['https://s3.eu-west-1.api.aws', 'eu-west-1', true],
    ['https://s3.cn-north-1.amazonaws.com.cn', 'cn-north-1', true],
    ['https://s3.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', true],
    ['https://s3.example.com', 'eu-west-1', false],
    ['https://amazonaws.com.example.com', 'eu-west-1', false],
    ['http://localhost:4566', 'eu-west-1', false],
  ])('is told from one that is: %s', (url, region, aws) => {
    expect(isAwsEndpoint(url, region)).toBe(aws);
  });
});
