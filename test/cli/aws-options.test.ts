import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
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

test('every aws command that is printed has them', () => {
  const root = path.join(__dirname, '..', '..', 'src', 'cli');
  const printed = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'))
    .flatMap(file => readFileSync(path.join(root, file), 'utf8').split('\n').map(line => `${file}: ${line.trim()}`))
    .filter(line => /\baws [a-z][a-z0-9-]* [a-z]+-[a-z-]+/.test(line));
  expect(printed.length).toBeGreaterThan(5);
  expect(printed.filter(line => !line.includes('${awsOptions('))).toEqual([]);
});
