// AWS's own client of sessions, built from the Go module that the tests pin.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const module = path.resolve(import.meta.dirname, '..', '..', 'test', 'e2e', 'session-manager-plugin');

export function buildPlugin() {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-bench-exec-'));
  process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
  const program = path.join(directory, 'session-manager-plugin');
  const { status, stderr, error } = spawnSync('go',
    ['build', '-buildvcs=false', '-ldflags=-s -w', '-o', program, 'github.com/aws/session-manager-plugin/src/sessionmanagerplugin-main'],
    { cwd: module, encoding: 'utf8', env: { ...process.env, CGO_ENABLED: '0' } });
  if (status !== 0) throw error ?? new Error(`the session manager plugin cannot be built: ${stderr}`);
  return program;
}
