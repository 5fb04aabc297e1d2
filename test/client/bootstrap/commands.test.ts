import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { RunningBootstrap } from './running-bootstrap';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let bootstrap: RunningBootstrap;
beforeAll(async () => bootstrap = await RunningBootstrap.start());
afterAll(() => bootstrap.stop());

test('a command that succeeds', async () => {
  const { durationMs, ...result } = await bootstrap.run('echo out; echo err >&2');
  expect(durationMs).toBeGreaterThan(0);
  expect(result).toEqual({
    exitCode: 0,
    signal: null,
    timedOut: false,
    stdout: 'out\n',
    stdoutEncoding: 'utf8',
    stderr: 'err\n',
    stderrEncoding: 'utf8',
    stdoutBytes: 4,
    stderrBytes: 4,
    stdoutSha256: sha256('out\n'),
    stderrSha256: sha256('err\n'),
    truncated: false,
  });
});

test('every exit code, as it is', async () => {
  for (let code = 0; code <= 255; code++) {
    const { exitCode, signal } = await bootstrap.run(`exit ${code}`);
    expect({ exitCode, signal }).toEqual({ exitCode: code, signal: null });
  }
});

test.each(['SIGKILL', 'SIGTERM', 'SIGHUP', 'SIGSEGV', 'SIGPIPE'])('a command that %s has ended', async signal => {
  expect(await bootstrap.run(`echo before; kill -${signal.slice(3)} $$; sleep 10`)).toMatchObject({ exitCode: null, signal, stdout: 'before\n' });
});

test('the standard streams have names', async () => {
  const event = { cmd: 'cat /dev/stdin > /dev/stdout; echo oops > /dev/stderr; echo more | tee /dev/stderr', cmdEncoding: 'utf8', stdin: 'in\n' } as const;
  expect(await bootstrap.run(event)).toMatchObject({ exitCode: 0, stdout: 'in\nmore\n', stderr: 'oops\nmore\n' });
});

test('standard input: nothing, text, or bytes', async () => {
  expect(await bootstrap.run('cat; echo end')).toMatchObject({ stdout: 'end\n' });
  expect(await bootstrap.run({ cmd: 'wc -c', cmdEncoding: 'utf8', stdin: '' })).toMatchObject({ stdout: '0\n' });
  expect(await bootstrap.run({ cmd: 'cat', cmdEncoding: 'utf8', stdin: 'ä€😀' })).toMatchObject({ stdout: 'ä€😀' });
  expect(await bootstrap.run({ cmd: 'od -An -tx1', cmdEncoding: 'utf8', stdin: 'AP+A', stdinEncoding: 'base64' })).toMatchObject({ stdout: ' 00 ff 80\n' });
});

test('a command need not read its input', async () => {
  expect(await bootstrap.run({ cmd: 'true', cmdEncoding: 'utf8', stdin: 'x'.repeat(3_000_000) })).toMatchObject({ exitCode: 0 });
});

test('a script of 1 MB through standard input', async () => {
  const script = `${'echo -n x\n'.repeat(100_000)}exit 3\n`;
  const result = await bootstrap.run({ cmd: '. /dev/stdin', cmdEncoding: 'utf8', stdin: script });
  expect({ bytes: result.stdoutBytes, exitCode: result.exitCode }).toEqual({ bytes: 100_000, exitCode: 3 });
});

test.each([127 * 1024, 128 * 1024 - 1, 128 * 1024, 1_000_000])('a command of %d bytes', async bytes => {
  const begin = 'printf %s "${#BASH_EXECUTION_STRING} $0 $- $#"; ls /proc/$$/fd; : ';
  const descriptors = await bootstrap.run('ls /proc/$$/fd; true');
  const result = await bootstrap.run(begin + 'x'.repeat(bytes - begin.length));
  expect(result).toMatchObject({ exitCode: 0, stderr: '', stdout: `${bytes} bash hBc 0${descriptors.stdout}` });
  expect(readdirSync(bootstrap.scratch)).toEqual([]);
});

test('a command in which there is every byte but NUL', async () => {
  const bytes = Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1));
  const cmd = Buffer.concat([Buffer.from("cat <<'E'\n"), bytes, Buffer.from('\nE\n')]);
  const result = await bootstrap.run({ cmd: cmd.toString('base64'), cmdEncoding: 'base64' });
  expect(Buffer.from(result.stdout, result.stdoutEncoding)).toEqual(Buffer.concat([bytes, Buffer.from('\n')]));
});

test('binary output survives', async () => {
  const result = await bootstrap.run("printf '\\377\\000\\200' | tee /dev/stderr");
  expect(result).toMatchObject({ stdout: '/wCA', stdoutEncoding: 'base64', stderr: '/wCA', stderrEncoding: 'base64', stdoutBytes: 3, truncated: false });
});

test('both streams arrive complete, however they are mixed', async () => {
  const result = await bootstrap.run('for i in {1..20000}; do echo out $i; echo err $i >&2; done');
  const lines = (word: string) => Array.from({ length: 20_000 }, (_, index) => `${word} ${index + 1}\n`).join('');
  expect(result.stdout === lines('out') && result.stderr === lines('err')).toBe(true);
});

test('5 MB are answered whole', async () => {
  const result = await bootstrap.run('head -c 5000000 /dev/zero | tr "\\0" x');
  expect({ bytes: result.stdout.length, truncated: result.truncated }).toEqual({ bytes: 5_000_000, truncated: false });
});

test('the environment of the function, and that of the event above it', async () => {
  const env = { FROM_EVENT: 'a \'b\' "c" $d `e`\n\\f', FROM_FUNCTION: 'overridden', __proto__x: 'ä' };
  const result = await bootstrap.run({ cmd: 'printf "%s|" "$FROM_EVENT" "$FROM_FUNCTION" "$__proto__x" "$_X_AMZN_TRACE_ID"', cmdEncoding: 'utf8', env });
  expect(result.stdout).toBe(`${env.FROM_EVENT}|overridden|ä|Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700|`);
  expect(await bootstrap.run('echo $FROM_EVENT$FROM_FUNCTION')).toMatchObject({ stdout: 'yes\n' });
});

test('the form of earlier deployments', async () => {
  const cmd = Buffer.from('echo "$WORD"; exit 4').toString('base64');
  expect(await bootstrap.run({ cmd, env: { WORD: 'hello' }, host: 'ignored' } as never)).toMatchObject({ stdout: 'hello\n', exitCode: 4 });
});

// What a command can find out about how it was started.
test.each([
  'echo "$0 $# $- $SHLVL $BASH_EXECUTION_STRING $BASH_SUBSHELL $OPTIND $LINENO $(umask)"',
  'set -o; shopt; trap -p',
  'declare -p | grep -v -E "declare -[^ ]+ (PPID|BASHPID|SECONDS|RANDOM|SRANDOM|EPOCH[A-Z]*|BASH_VERSINFO|_|AWS_LAMBDA_RUNTIME_API|BASH_EXECUTION_STRING|TRACE|_X_AMZN_TRACE_ID)="',
  'env | grep -v _X_AMZN | sort',
  'tr "\\0" " " </proc/$$/cmdline',
  'grep -E "^(SigBlk|SigIgn|SigCgt)" /proc/$$/status',
  'ls -l /proc/$$/fd | sed -nE "s/pipe:.*/pipe/; s/.* ([012]) -> (.*)/\\1 \\2/p"',
  'ulimit -a | grep -v -E "processes|open files"',
  'if then',
  'nosuchcommand; echo $?; (exit 3); echo $?; ${nosuch?unset}',
  'set -e; false; echo not reached',
  'trap "echo bye" EXIT; exit 5',
  'return 3; echo $?',
  'readonly X=1; X=2; echo $?',
  'echo a\necho $LINENO\nfoo() { echo $LINENO; }\nfoo',
])('as `bash -c` would see it: %s', async cmd => {
  const { stdout, stderr, exitCode } = await bootstrap.run(cmd);
  const direct = spawnSync('perl', ['-e', PIPES, cmd], { env: await environmentOf(bootstrap), cwd: bootstrap.scratch, stdio: ['ignore', 'pipe', 'pipe'] });
  expect({ stdout, stderr, exitCode }).toEqual({ stdout: direct.stdout.toString(), stderr: direct.stderr.toString(), exitCode: direct.status });
});

/** Runs bash as a plain program would that gives it pipes. */
const PIPES = String.raw`
pipe(my $or, my $ow); pipe(my $er, my $ew);
my $pid = fork // die;
if (!$pid) { open(STDOUT, ">&", $ow); open(STDERR, ">&", $ew); exec { "/bin/bash" } "bash", "-c", $ARGV[0] }
close $ow; close $ew; local $/;
my $o = <$or>; my $e = <$er>; waitpid $pid, 0; print STDOUT $o; print STDERR $e; exit($? >> 8);
`;

async function environmentOf(running: RunningBootstrap): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await running.run('tr "\\0" "\\n" </proc/$PPID/environ');
  return Object.fromEntries(stdout.trim().split('\n').map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
