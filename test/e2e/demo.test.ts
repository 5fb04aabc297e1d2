import path from 'node:path';
import { docker, ROOT } from './scene';
import { run } from '../../src/cli/run';

test('the demo lives a whole life, and leaves nothing behind', async () => {
  const objects = async () => [
    await docker('ps', '--all', '--quiet', '--filter', 'label=cdk-vast.local-aws'),
    await docker('volume', 'ls', '--quiet', '--filter', 'label=cdk-vast.local-aws'),
    await docker('network', 'ls', '--quiet', '--filter', 'label=cdk-vast.local-aws'),
  ];
  const { exitCode, stderr } = await run(path.join(ROOT, 'vast-cloud'), ['demo'], { capture: true });
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const step of ['deploy examples/typescript/quickstart', 'ingest 8462 Zeek connections', 'count them again', 'stop the local AWS']) {
    expect(stderr).toMatch(new RegExp(`✔ ${step}.* s`));
  }
  // The demo may have been the one to start Docker, and then has stopped it.
  if ((await run('docker', ['info'], { capture: true })).exitCode === 0) {
    expect(await objects()).toEqual(['', '', '']);
  }
  const { stdout } = await run('ps', ['-eo', 'args'], { capture: true });
  expect(stdout.split('\n').filter(line => /demo-\d+|ministack|local_aws\.emulator/.test(line))).toEqual([]);
});
