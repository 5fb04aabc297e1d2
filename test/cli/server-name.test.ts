import { UserError } from '../../src/cli/errors';
import { newNames } from '../../src/cli/server-name';
import { readSettings } from '../../src/cli/settings';
import { DEPLOYMENT } from '../runtime/server/fake-server';

const settings = (variables: NodeJS.ProcessEnv) => readSettings({
  VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '172.31.48.0/24', VAST_STACK_NAME: 'Second', ...variables,
});

test('a deployment from before keeps its name, or is given another one by choice', () => {
  expect(() => newNames([DEPLOYMENT], settings({}), false)).toThrow(new UserError('the server of Second is vast-server.vast.internal, and would become '
    + 'vast-server.second.vast.internal. Its clients do not know that name: VAST_NAMESPACE=vast.internal keeps the old one, '
    + 'VAST_NAMESPACE=second.vast.internal changes it'));
});

test('a new name that was chosen is told', () => {
  expect(newNames([DEPLOYMENT], settings({ VAST_NAMESPACE: 'soc.example.org' }), true)).toEqual([
    expect.stringContaining('the server of Second is vast-server.vast.internal, and would become vast-server.soc.example.org: give its clients'),
  ]);
});

test('where the name stays, or there is no deployment yet, nothing is said', () => {
  expect(newNames([DEPLOYMENT], settings({ VAST_NAMESPACE: 'vast.internal' }), true)).toEqual([]);
  expect(newNames([], settings({}), false)).toEqual([]);
});
