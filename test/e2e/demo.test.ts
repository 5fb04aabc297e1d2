import path from 'node:path';
import { ROOT } from './scene';
import { run } from '../../src/cli/run';

/** What Docker has of demos; nothing where no engine runs. Other local AWSs of this machine are their owners' business. */
async function objectsOfDemos(): Promise<string[]> {
  const label = '{{.Label "cdk-vast.local-aws"}}';
  const lists = await Promise.all([
    ['ps', '--all', '--format', `${label} container {{.Names}}`],
    ['volume', 'ls', '--format', `${label} volume {{.Name}}`],
    ['network', 'ls', '--format', `${label} network {{.Name}}`],
  ].map(args => run('docker', args, { capture: true })));
  return lists.flatMap(({ stdout }) => stdout.split('\n')).filter(line => line.startsWith('demo-'));
}

/** The emulators of this clone. */
async function emulators(): Promise<string[]> {
  const { stdout } = await run('ps', ['-eo', 'pid,args'], { capture: true });
  return stdout.split('\n').filter(line => line.includes(path.join(ROOT, 'local-aws')) && line.includes('local_aws.emulator'));
}

test('the demo lives a whole life, and leaves nothing behind', async () => {
  const before = await emulators();
  const { exitCode, stderr } = await run(path.join(ROOT, 'vast-cloud'), ['demo'], { capture: true });
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const step of ['deploy examples/typescript/quickstart', 'ingest 8462 Zeek connections', 'count them again', 'stop the local AWS']) {
    expect(stderr).toMatch(new RegExp(`✔ ${step}.* s`));
  }
  expect(await objectsOfDemos()).toEqual([]);
  expect((await emulators()).filter(line => !before.includes(line))).toEqual([]);
});
