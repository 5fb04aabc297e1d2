import { readdirSync, readFileSync } from 'node:fs';
import { RunningBootstrap } from './running-bootstrap';
import { CommandResult } from '../../../src/client/contract';

let bootstrap: RunningBootstrap;
beforeEach(async () => bootstrap = await RunningBootstrap.start());
afterEach(() => bootstrap.stop());

/** Of it, 600 ms are kept for the end. */
const DEADLINE_MS = 8000;

/** How many processes there are that the bootstrap has started, but for the launcher and the one that waits. */
function leftovers(of = bootstrap): number {
  const parents = new Map(readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(pid => {
    try {
      return [Number(pid), Number(/.*\) \S (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))![1])];
    } catch {
      return [Number(pid), 0];
    }
  }));
  const descends = (pid: number): boolean => pid > 1 && (parents.get(pid) === of.pid || descends(parents.get(pid) ?? 0));
  return [...parents.keys()].filter(descends).length - 2;
}

/** Runs a command, and waits until the next one could come. */
async function run(cmd: string) {
  const result = await bootstrap.run(cmd);
  await bootstrap.api.asked();
  return result;
}

test('a child in the background that holds the output does not hold the answer, and is gone', async () => {
  expect(await run('sleep 300 & echo started')).toMatchObject({ exitCode: 0, stdout: 'started\n' });
  expect(leftovers()).toBe(0);
});

test('nothing gets away by a session of its own, a second fork or deafness to signals', async () => {
  const commands = [
    'perl -e \'fork && exit; syscall(112) if -1 == getpgrp 0; setpgrp; fork && exit; sleep 300\' & sleep 0.2',
    'set -m; sleep 300 & disown; trap "" TERM HUP; (trap "" TERM; while :; do sleep 300; done) &',
    '(sleep 300 <&- >&- 2>&- &) ; sleep 0.1',
    'for i in {1..50}; do (set -m; (sleep 300 & sleep 300 &) & ) & done; sleep 0.2',
  ];
  for (const command of commands) {
    await run(`${command}\necho done`);
    expect(leftovers()).toBe(0);
  }
});

test('nothing of a command is there for the next one', async () => {
  await run([
    'export LEAK=1; cd /; umask 0777; ulimit -n 50; trap "echo leak" EXIT; alias x=y; exec 9>&1; set -e',
    'echo x > "$CDK_VAST_SCRATCH_DIRECTORY/file"; mkdir -p "$CDK_VAST_SCRATCH_DIRECTORY/.hidden/locked/deep"; ln -s / "$CDK_VAST_SCRATCH_DIRECTORY/root"',
    'touch "$CDK_VAST_SCRATCH_DIRECTORY/.hidden/locked/deep/file"; chmod 0 "$CDK_VAST_SCRATCH_DIRECTORY/.hidden/locked/deep" "$CDK_VAST_SCRATCH_DIRECTORY/.hidden/locked"',
    'mkfifo "$CDK_VAST_SCRATCH_DIRECTORY/fifo"; nohup sleep 300 > /dev/null 2>&1 &',
  ].join('\n'));
  expect(leftovers()).toBe(0);
  const what = 'pwd; umask; echo "LEAK:$LEAK"; trap; alias; ls -A; ls /proc/$$/fd; ulimit -n; echo $-';
  const after = await run(what);
  const fresh = await RunningBootstrap.start();
  try {
    expect(after.stdout.replace(bootstrap.scratch, '')).toEqual((await fresh.run(what)).stdout.replace(fresh.scratch, ''));
  } finally {
    await fresh.stop();
  }
});

// Side by side: each waits for the deadline.
test('commands that go on past the deadline are stopped in time, and what they have printed is answered', async () => {
  const commands: Array<[cmd: string, expected: Partial<CommandResult>]> = [
    ['echo before; sleep 300; echo after', { exitCode: null, signal: 'SIGTERM', stdout: 'before\n' }],
    ['trap "echo cleaned up; exit 9" TERM; echo before; while :; do sleep 0.05; done', { exitCode: 9, signal: null, stdout: 'before\ncleaned up\n' }],
    ['trap "" TERM; echo before; while :; do sleep 300; done', { exitCode: null, signal: 'SIGKILL', stdout: 'before\n' }],
  ];
  await Promise.all(commands.map(async ([cmd, expected]) => {
    const own = await RunningBootstrap.start();
    try {
      const result = await own.run(cmd, { timeout: DEADLINE_MS });
      expect(result).toMatchObject({ timedOut: true, ...expected });
      expect(result.durationMs).toBeLessThan(DEADLINE_MS);
      await own.api.asked();
      expect(leftovers(own)).toBe(0);
    } finally {
      await own.stop();
    }
  }));
});

test('commands that go on past their own time are stopped, and nothing of them is left', async () => {
  const commands: Array<[cmd: string, expected: Partial<CommandResult>]> = [
    ['echo before; setsid sleep 300 & sleep 300; echo after', { exitCode: null, signal: 'SIGTERM', stdout: 'before\n' }],
    ['trap "" TERM; echo before; while :; do sleep 300; done', { exitCode: null, signal: 'SIGKILL', stdout: 'before\n' }],
  ];
  await Promise.all(commands.map(async ([cmd, expected]) => {
    const own = await RunningBootstrap.start();
    try {
      expect(await own.run({ cmd, cmdEncoding: 'utf8', timeoutSeconds: 4 })).toMatchObject({ timedOut: true, ...expected });
      await own.api.asked();
      expect(leftovers(own)).toBe(0);
    } finally {
      await own.stop();
    }
  }));
});

test('a command that ends in time was not timed out', async () => {
  expect(await run('sleep 0.5; exit 143')).toMatchObject({ timedOut: false, exitCode: 143, signal: null });
  expect(await bootstrap.run({ cmd: 'exit 124', cmdEncoding: 'utf8', timeoutSeconds: 600 })).toMatchObject({ timedOut: false, exitCode: 124 });
});

test('a command that kills the process it was started by costs the sandbox, and the caller is told', async () => {
  const failure = await bootstrap.fail({ cmd: 'kill -9 $PPID; sleep 300', cmdEncoding: 'utf8' });
  expect(failure).toMatchObject({ errorType: 'LauncherLost', errorMessage: expect.stringContaining('is gone') });
  await bootstrap.exited;
  expect(bootstrap.process.exitCode).toBe(1);
});

test('the program ends when it cannot reach the Runtime API any more', async () => {
  await bootstrap.api.asked();
  bootstrap.api.close();
  await bootstrap.exited;
  expect(bootstrap.complaints).toContain('cdk-vast: ');
});
