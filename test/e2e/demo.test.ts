import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './scene';
import { run } from '../../src/cli/run';

/** What Docker has of a demo. Others on this machine are their owners' business. */
async function objectsOf(demo: string): Promise<string[]> {
  const label = '{{.Label "cdk-vast.local-aws"}}';
  const lists = await Promise.all([
    ['ps', '--all', '--format', `${label} container {{.Names}}`],
    ['volume', 'ls', '--format', `${label} volume {{.Name}}`],
    ['network', 'ls', '--format', `${label} network {{.Name}}`],
  ].map(args => run('docker', args, { capture: true })));
  return lists.flatMap(({ stdout }) => stdout.split('\n')).filter(line => line.startsWith(`${demo} `));
}

/** The emulators of a demo that run. */
function emulatorsOf(demo: string): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('local_aws.emulator')
        && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(`CDK_VAST_LOCAL_AWS_NAME=${demo}`);
    } catch {
      // It has ended meanwhile, or is somebody else's.
      return false;
    }
  });
}

test('the demo lives a whole life, and leaves nothing behind', async () => {
  const child = spawn(path.join(ROOT, 'vast-cloud'), ['demo'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => { stderr += String(data); });
  const [exitCode] = await once(child, 'close') as [number | null];
  // It has the number of its process, which the wrapper becomes.
  const demo = `demo-${child.pid}`;
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  for (const step of ['deploy examples/typescript/quickstart', 'ingest 8462 Zeek connections', 'count them again', 'stop the local AWS']) {
    expect(stderr).toMatch(new RegExp(`✔ ${step}.* s`));
  }
  expect(await objectsOf(demo)).toEqual([]);
  expect(emulatorsOf(demo)).toEqual([]);
});
