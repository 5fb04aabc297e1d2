import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import nodeModule from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const PROGRAM = path.resolve(__dirname, '../../bin/vast-cloud.js');

/** Node.js has one from 22.1 on. */
const hasCompileCache = 'enableCompileCache' in nodeModule;

test('what Node.js compiles is kept in the user\'s own cache, where there is such a thing', () => {
  const cache = mkdtempSync(path.join(tmpdir(), 'vast-cloud-cache-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, '--version'], { env: { ...process.env, XDG_CACHE_HOME: cache }, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readdirSync(cache)).toEqual(hasCompileCache ? ['cdk-vast'] : []);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

test('a cache that cannot be written is none', () => {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, '--version'], { env: { ...process.env, XDG_CACHE_HOME: PROGRAM }, encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(statSync(PROGRAM).isFile()).toBe(true);
});
