import { enterLocalAws, targetEnvironment } from '../../src/cli/aws-target';

beforeEach(() => Object.keys(process.env).filter(name => /^(AWS|AMAZON)_/.test(name)).forEach(name => delete process.env[name]));

const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const ROLE = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:aws:iam::1:role/r' };
const IRELAND = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' };

test.each<[string, NodeJS.ProcessEnv, NodeJS.ProcessEnv]>([
  ['keys, with the settings of a profile', { ...KEYS, AWS_SESSION_TOKEN: 'c', AWS_DEFAULT_PROFILE: 'prod' }, { ...KEYS, AWS_SESSION_TOKEN: 'c', AWS_PROFILE: 'prod' }],
  ['a profile, without what belongs to keys', { AWS_PROFILE: 'prod', AWS_DEFAULT_PROFILE: 'other', AWS_SESSION_TOKEN: 'old', AWS_SECRET_ACCESS_KEY: 'old' }, { AWS_PROFILE: 'prod' }],
  [
    'keys that only the CDK CLI would take',
    { AMAZON_ACCESS_KEY_ID: 'x', AMAZON_SECRET_ACCESS_KEY: 'y', AMAZON_REGION: 'us-east-1' },
    { AWS_EC2_METADATA_DISABLED: 'false' },
  ],
  ['a web identity', { ...ROLE, AWS_EC2_METADATA_DISABLED: 'true' }, { ...ROLE, AWS_EC2_METADATA_DISABLED: 'true' }],
])('there is one source of credentials for this process and all others: %s', async (_, given, decided) => {
  Object.assign(process.env, given);
  expect(await targetEnvironment({ ...given, PATH: '/bin' }, false, 'eu-west-1')).toEqual({ PATH: '/bin', ...IRELAND, ...decided });
  expect(Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(AWS|AMAZON)_/.test(name)))).toEqual({ ...IRELAND, ...decided });
});

test.each<[NodeJS.ProcessEnv, string | undefined, NodeJS.ProcessEnv]>([
  [{ AWS_DEFAULT_REGION: 'eu-west-1' }, undefined, IRELAND],
  [{ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' }, undefined, IRELAND],
  [{ AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' }, 'eu-west-1', IRELAND],
  [{}, '', {}],
])('and one region: %j %s', async (given, region, decided) => {
  expect(await targetEnvironment({ ...KEYS, ...given }, false, region)).toEqual({ ...KEYS, ...decided });
});

test('half a pair of keys is refused', async () => {
  await expect(targetEnvironment({ AWS_ACCESS_KEY_ID: 'a' }, false)).rejects.toThrow('AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY');
});

test('keys that were pasted with a line feed are named', async () => {
  await expect(targetEnvironment({ AWS_ACCESS_KEY_ID: 'a\n', AWS_SECRET_ACCESS_KEY: 'b', AWS_SESSION_TOKEN: 'c d' }, false))
    .rejects.toThrow('AWS_ACCESS_KEY_ID and AWS_SESSION_TOKEN must not contain a space or a line feed: copy and set the value again');
});

test('nothing of a real account gets into the local AWS', () => {
  const theirs = {
    ...KEYS,
    AWS_PROFILE: 'prod',
    AWS_SESSION_TOKEN: 'c',
    AWS_ENDPOINT_URL_S3: 'https://s3.amazonaws.com',
    AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
    AWS_USE_FIPS_ENDPOINT: 'true',
    AMAZON_SESSION_TOKEN: 'x',
  };
  Object.assign(process.env, theirs);
  const local = { AWS_ENDPOINT_URL: 'http://localhost:1', AWS_ACCESS_KEY_ID: '000000000000', AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: '', AWS_REGION: 'eu-west-1' };
  const { AWS_SESSION_TOKEN: none, ...decided } = { ...local, ...IRELAND };
  expect(enterLocalAws({ name: 'test', endpoint: 'http://localhost:1', pid: 1, stateDir: '/state', env: local }, { ...theirs, PATH: '/bin' })).toEqual({ PATH: '/bin', ...decided });
  expect(Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(AWS|AMAZON)_/.test(name)))).toEqual(decided);
});
