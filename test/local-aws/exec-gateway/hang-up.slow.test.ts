import { ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { hangUp } from '../../../local-aws/exec-gateway/docker/hang-up';

/** Holds a command's terminal open, as Docker does, and says who leads it, and how that has ended. */
const TERMINAL = `
import os, pty, sys
leader, terminal = pty.fork()
if leader == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
print(leader, flush=True)
try:
    while os.read(terminal, 4096):
        pass
except OSError:
    pass
print(os.waitstatus_to_exitcode(os.waitpid(leader, 0)[1]), flush=True)
`;

const onLinux = process.platform === 'linux' ? test : test.skip;
let holder: ChildProcess | undefined;
let lines: AsyncIterator<string>;

afterEach(() => holder?.kill('SIGKILL'));

/** The process that leads the terminal of a command. */
async function start(...command: string[]): Promise<number> {
  holder = spawn('python3', ['-c', TERMINAL, ...command], { stdio: ['ignore', 'pipe', 'inherit'] });
  lines = createInterface({ input: holder.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  return Number((await lines.next()).value);
}

/** The exit code of the leader once it has ended, or the number of a signal, with a minus. */
async function ending(): Promise<number> {
  return Number((await lines.next()).value);
}

/** The control group of a process, which takes the place of a container's id. */
const place = (pid: number) => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim();

function runs(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** The first child of a process that runs this; waits for it. */
async function child(parent: number, program: string): Promise<number> {
  for (;;) {
    const [found] = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
      .filter(pid => readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(program));
    if (found) {
      return found;
    }
    await sleep(20);
  }
}

onLinux('what leads a terminal and what is in its foreground end', async () => {
  const leader = await start('bash', '-c', 'set -m; sleep 3131; exit 0');
  const foreground = await child(leader, 'sleep');
  expect([runs(leader), runs(foreground)]).toEqual([true, true]);
  await hangUp(leader, place(leader));
  // It was not killed.
  expect(await ending()).not.toBe(-9);
  expect([runs(leader), runs(foreground)]).toEqual([false, false]);
});

onLinux('a leader that heeds no SIGHUP is killed after a while, and what is in its foreground ends before', async () => {
  const leader = await start('bash', '-c', 'set -m; trap : HUP; sleep 3131; set +m; while :; do sleep 0.2; done');
  const foreground = await child(leader, 'sleep');
  const hangingUp = hangUp(leader, place(leader));
  while (runs(foreground)) {
    await sleep(20);
  }
  expect(runs(leader)).toBe(true);
  await hangingUp;
  expect(await ending()).toBe(-9);
});

onLinux('a process of another container is left alone', async () => {
  const leader = await start('sleep', '3232');
  while (!readFileSync(`/proc/${leader}/cmdline`, 'utf8').startsWith('sleep')) await sleep(20);
  await expect(hangUp(leader, 'f'.repeat(64))).rejects.toThrow('is none of the container ffffffffffff, and so is left alone');
  expect(runs(leader)).toBe(true);
});

onLinux('one that has ended is no failure', async () => {
  const leader = await start('true');
  expect(await ending()).toBe(0);
  await hangUp(leader, 'f'.repeat(64));
});
