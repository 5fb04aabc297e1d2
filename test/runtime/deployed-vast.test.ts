import { DeployedVast } from '../../src';

// What they do on AWS is in test/e2e; here, that they load what they need when it is needed, in jest too.

const vast = new DeployedVast({
  attributes: { engineVersion: 'v3.1.0', clusterName: 'c', serviceName: 's', logGroupName: 'l', clientFunctionName: 'f' },
});

test('the server refuses what cannot be asked for before AWS is asked', async () => {
  await expect(vast.server.logs({ last: -1 })).rejects.toThrow('last is -1: give a whole number, 0 or more');
});

test('the client refuses what cannot be sent before AWS is asked', async () => {
  await expect(vast.client.run('echo \0')).rejects.toThrow('the command cannot be sent: ');
});

test('a deployment is found in one way', () => {
  expect(() => new DeployedVast({})).toThrow('a deployment is found by stackName, or described by attributes: give one of them');
});
