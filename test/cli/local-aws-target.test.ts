import { enterLocalAws } from '../../src/cli/aws-target';
import type { LocalAws } from '../../src/cli/local-aws';

const LOCAL: LocalAws = {
  name: 'default',
  endpoint: 'http://localhost:1234',
  pid: 1,
  stateDir: '/state',
  env: { AWS_ENDPOINT_URL: 'http://localhost:1234', AWS_ACCESS_KEY_ID: '000000000000', AWS_SECRET_ACCESS_KEY: 'local', AWS_REGION: 'us-east-1' },
};
/** Each of them would lead some call to a real account, or make it fail. */
const FOREIGN = {
  AWS_PROFILE: 'prod',
  AWS_DEFAULT_PROFILE: 'prod',
  AWS_SESSION_TOKEN: 'real',
  AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z',
  AWS_ENDPOINT_URL_S3: 'https://storage.example.com',
  AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_USE_FIPS_ENDPOINT: 'true',
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  AWS_WEB_IDENTITY_TOKEN_FILE: '/token',
  AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/prod',
};

const saved = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) {
    if (!(name in saved)) delete process.env[name];
  }
  Object.assign(process.env, saved);
});

test('nothing of the user\'s settings for AWS counts beside those of a local AWS', () => {
  Object.assign(process.env, FOREIGN);
  const environment = enterLocalAws(LOCAL, { ...FOREIGN, VAST_CIDR: '10.0.0.0/24', AWS_CA_BUNDLE: '/bundle' });
  for (const found of [environment, process.env]) {
    expect(Object.fromEntries(Object.entries(found).filter(([name]) => name.startsWith('AWS_') && name !== 'AWS_CA_BUNDLE'))).toEqual(LOCAL.env);
  }
  expect(environment).toMatchObject({ VAST_CIDR: '10.0.0.0/24', AWS_CA_BUNDLE: '/bundle' });
});
