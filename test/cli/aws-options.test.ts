import { awsOptions } from '../../src/cli/aws-options';

beforeEach(() => Object.keys(process.env).filter(name => name.startsWith('AWS_')).forEach(name => delete process.env[name]));

test.each<[NodeJS.ProcessEnv, string | undefined, string]>([
  [{}, undefined, ''],
  [{ AWS_REGION: 'eu-west-1', AWS_PROFILE: 'prod' }, undefined, ' --region eu-west-1 --profile prod'],
  [{ AWS_DEFAULT_PROFILE: 'prod' }, 'eu-west-2', ' --region eu-west-2 --profile prod'],
  // A profile on the command line would win over the keys.
  [{ AWS_PROFILE: 'prod', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' }, 'eu-west-1', ' --region eu-west-1'],
  [{ AWS_REGION: 'eu-west-1', AWS_PROFILE: 'prod' }, '', ' --profile prod'],
])('a printed aws command works where this one did: %j %s', (environment, region, options) => {
  Object.assign(process.env, environment);
  expect(awsOptions(region)).toBe(options);
});
