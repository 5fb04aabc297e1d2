import { execFileSync } from 'node:child_process';
import path from 'node:path';
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

test('importing the package loads neither the classes of its runtime nor a websocket library', () => {
  const script = `require('ts-node/register/transpile-only'); const loaded = word => Object.keys(require.cache).some(file => file.includes(word));
    require('./src'); const first = ['/src/runtime/lookup', '/src/runtime/exec/', '/src/runtime/client/', '/src/runtime/server/server.'].map(loaded);
    require('./src/runtime'); require('./src/runtime/exec/open-session'); console.log(JSON.stringify([first, loaded('/node_modules/ws/')]))`;
  const said = execFileSync(process.execPath, ['-e', script], { cwd: path.resolve(__dirname, '../..'), encoding: 'utf8' });
  expect(JSON.parse(said)).toEqual([[true, false, false, false], false]);
});
