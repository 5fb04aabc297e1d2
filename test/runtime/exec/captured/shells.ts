import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isInstalled } from './installed';
import { capturedWords, PtyChannel } from './pty-channel';
import { CapturedCommand, CapturedResult, runCaptured } from '../../../../src/runtime/exec/captured';

/** A container's worth of programs, with a directory of its own for temporary files. */
export interface ShellUnderTest {
  readonly name: string;
  /** The words before `-c`. */
  readonly words: string[];
  /** The shell that runs the script. */
  readonly shell: string;
  readonly path: string;
  readonly temporary: string;
}

const root = mkdtempSync(join(tmpdir(), 'captured-'));

export function removeShells(): void {
  rmSync(root, { recursive: true });
}

/** dash and bash with coreutils, BusyBox with nothing else. */
export function shellsUnderTest(): ShellUnderTest[] {
  const shells = ['dash', 'bash'].filter(name => isInstalled(`/bin/${name}`)).map(name => shell(name, [`/bin/${name}`], `/bin/${name}`));
  if (!isInstalled('/bin/busybox')) {
    return shells;
  }
  const applets = join(root, 'busybox');
  execFileSync('mkdir', [applets]);
  execFileSync('/bin/busybox', ['--install', '-s', applets]);
  return [...shells, shell('busybox', ['/bin/busybox', 'sh'], join(applets, 'sh'), applets)];
}

/** The same container, in which some programs are missing. */
export function without(under: ShellUnderTest, name: string, ...missing: string[]): ShellUnderTest {
  const path = join(root, name.replaceAll(' ', '-'));
  execFileSync('mkdir', [path]);
  const taken = new Set(missing);
  for (const directory of under.path.split(':')) {
    for (const program of readdirSync(directory).filter(file => !taken.has(file))) {
      taken.add(program);
      symlinkSync(join(directory, program), join(path, program));
    }
  }
  return shell(name.replaceAll(' ', '-'), under.words, under.shell, path);
}

export function shell(name: string, words: string[], ofScript: string, path = '/usr/bin:/bin'): ShellUnderTest {
  const temporary = join(root, `tmp-${name}`);
  execFileSync('mkdir', ['-p', temporary]);
  return { name, words, shell: ofScript, path, temporary };
}

/** A session in which the agent would have started CAPTURED_COMMAND with this shell. */
export function session(
  { words, path, temporary }: ShellUnderTest, options: { readonly cwd?: string; readonly remember?: boolean } = {},
): PtyChannel {
  return new PtyChannel([...words, ...capturedWords().slice(1)], { env: { PATH: path, TMPDIR: temporary, HOME: '/' }, ...options });
}

export async function run(
  under: ShellUnderTest, script: string | Buffer, command: Partial<CapturedCommand> = {}, channel = session(under),
): Promise<CapturedResult> {
  return runCaptured(channel, { script, shell: under.shell, ...command });
}

/** What a run has left in the file system. */
export function leftFiles({ temporary }: ShellUnderTest): string[] {
  return readdirSync(temporary);
}

/** Removes what a run has left. */
export function forgetFiles(under: ShellUnderTest): void {
  leftFiles(under).forEach(name => rmSync(join(under.temporary, name), { recursive: true }));
}

/** The processes with this word in their command line, of those that began here: the same test may run elsewhere on this machine. */
export function processesWith(word: string): string[] {
  return processes(pid => commandLine(pid).includes(word) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`TMPDIR=${root}/`));
}

/** What runs still of all that began here: not what other containers run. */
export function processesOf({ temporary }: ShellUnderTest): string[] {
  return processes(pid => readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`TMPDIR=${temporary}`));
}

function processes(is: (pid: string) => boolean): string[] {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name) && Number(name) !== process.pid).flatMap((pid) => {
    try {
      const state = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /, '')[0];
      return state !== 'Z' && is(pid) ? [commandLine(pid)] : [];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}

function commandLine(pid: string): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');
}

/** Looks again for some seconds: what was killed takes a moment to be gone. */
export async function eventually(look: () => void, seconds = 20): Promise<void> {
  for (const until = performance.now() + seconds * 1000; performance.now() < until; await sleep(50)) {
    try {
      return look();
    } catch {
      // Not yet.
    }
  }
  look();
}
