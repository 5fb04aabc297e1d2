import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { eventually, ROOT } from './scene';
import { CommandEvent } from '../../src/client/contract';

// The program of the client's image under AWS's own Runtime Interface Emulator, which is not ours and so cannot share our mistakes.

const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-second-opinion-'));
const emulator = path.join(directory, 'rie');
const built = spawnSync('python3', [path.join(ROOT, 'local-aws/tests/runtime_interface_emulator.py'), emulator], { encoding: 'utf8' });
const possible = built.status === 0;
if (!possible) {
  // Skipped tests are easily overlooked.
  console.warn(`no second opinion: ${built.stderr.trim()}`);
}
const asked = possible ? test : test.skip;

const TIMEOUT_SECONDS = 5;
let running: ChildProcess | undefined;
let url: string;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise(resolve => server.close(resolve));
  return port;
}

beforeAll(async () => {
  if (!possible) {
    return;
  }
  const scratch = path.join(directory, 'scratch');
  mkdirSync(scratch);
  const [outside, inside] = [await freePort(), await freePort()];
  const perl = spawnSync('sh', ['-c', 'command -v perl'], { encoding: 'utf8' }).stdout.trim();
  running = spawn(emulator, [
    '--runtime-interface-emulator-address', `127.0.0.1:${outside}`, '--runtime-api-address', `127.0.0.1:${inside}`,
    perl, '-w', path.join(ROOT, 'docker/client/launcher.pl'), process.execPath, path.join(ROOT, 'docker/client/bootstrap.js'),
  ], {
    env: { PATH: process.env.PATH, AWS_LAMBDA_FUNCTION_TIMEOUT: `${TIMEOUT_SECONDS}`, CDK_VAST_SCRATCH_DIRECTORY: scratch },
    stdio: 'ignore',
    detached: true,
  });
  url = `http://127.0.0.1:${outside}/2015-03-31/functions/function/invocations`;
  await eventually('the emulator answers', async () => fetch(url, { method: 'POST', body: '{"cmd": "true "}' }).then(() => true, () => undefined));
}, 60_000);

afterAll(() => {
  if (running?.pid) {
    process.kill(-running.pid, 'SIGKILL');
  }
  rmSync(directory, { recursive: true, force: true });
});

async function call(event: CommandEvent): Promise<{ [field: string]: unknown }> {
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ cmdEncoding: 'utf8', ...event }) });
  return await answer.json() as { [field: string]: unknown };
}

asked('a command, with its exit code and both streams', async () => {
  expect(await call({ cmd: 'cat; echo err >&2; exit 3', stdin: 'in\n', env: { A: 'b' } }))
    .toMatchObject({ exitCode: 3, stdout: 'in\n', stderr: 'err\n', timedOut: false, truncated: false });
});

asked('5 MB of output, with their sum', async () => {
  const { stdout, stdoutSha256, truncated } = await call({ cmd: 'head -c 5000000 /dev/zero | tr "\\0" x' });
  expect({ truncated, sum: createHash('sha256').update(stdout as string).digest('hex') }).toEqual({ truncated: false, sum: stdoutSha256 });
});

asked('a command beyond the deadline is answered before it', async () => {
  // The emulator's own answer would say that the task has timed out, and have no output.
  expect(await call({ cmd: 'echo begun; sleep 100' })).toMatchObject({ timedOut: true, stdout: 'begun\n' });
});

asked('an error that was asked for, and an event that is none', async () => {
  expect(await call({ cmd: 'exit 4', failOnNonZero: true })).toMatchObject({ errorType: 'NonZeroExit', result: { exitCode: 4 } });
  expect(await call({ cmd: '' })).toMatchObject({ errorType: 'InvalidEvent', errorMessage: 'the event is not valid: cmd is empty' });
});

asked('many, one after the other, in the same sandbox', async () => {
  for (let code = 0; code < 100; code++) {
    expect(await call({ cmd: `ls; echo ${code} > left; exit ${code}` })).toMatchObject({ exitCode: code, stdout: '' });
  }
});
