import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { AddressInfo, createServer, Server } from 'node:net';
import { constants } from 'node:os';
import path from 'node:path';

// An AWS that takes connections and never answers.
let aws: Server;
beforeAll(async () => {
  aws = createServer().listen(0, '127.0.0.1');
  await once(aws, 'listening');
});
afterAll(() => aws.close());

const PROGRAM = path.resolve(__dirname, '..', '..', 'bin', 'vast-cloud.js');

const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_ENDPOINT_URL: `http://127.0.0.1:${(aws.address() as AddressInfo).port}`,
  VAST_AWS_REGION: 'eu-west-1',
  VAST_PEERED_VPC_ID: 'none',
  VAST_CIDR: '10.0.0.0/24',
  VAST_CLIENT_IMAGE: 'none',
});

test.each([
  ['SIGINT', 130, 'interrupted', ['vast-server-status']],
  ['SIGTERM', 143, 'interrupted; nothing was run', ['execute-command', '--cmd', 'id']],
  ['SIGHUP', 129, 'interrupted; nothing was deployed', ['deploy', '--auto-approve']],
] as const)('%s ends a command that waits for AWS', async (signal, exitCode, words, args) => {
  const asked = once(aws, 'connection');
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: environment() });
  let stderr = '';
  child.stderr.on('data', (piece: Buffer) => stderr += piece.toString());
  await asked;
  child.kill(signal);
  const [code] = await once(child, 'close') as [number | null];
  expect({ code, stderr }).toEqual({ code: exitCode, stderr: `${words}\n` });
}, 60_000);

/** Runs a program at a terminal, closes that upon a line, and tells which signal has ended the program. */
const CLOSE_TERMINAL = `import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
sys.stdin.readline()
os.close(terminal)
print(os.WTERMSIG(os.waitpid(pid, 0)[1]))`;

// Node.js restores the modes of a terminal when it exits, and crashes where the terminal is gone.
test('a command ends by SIGHUP when its terminal is closed', async () => {
  const asked = once(aws, 'connection');
  const child = spawn('python3', ['-c', CLOSE_TERMINAL, process.execPath, PROGRAM, 'vast-server-status'], { env: environment() });
  let stdout = '';
  child.stdout.on('data', (piece: Buffer) => stdout += piece.toString());
  await asked;
  child.stdin.end('\n');
  await once(child, 'close');
  expect(stdout).toBe(`${constants.signals.SIGHUP}\n`);
}, 60_000);
