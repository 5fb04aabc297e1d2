import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { DockerEngine } from './docker-engine';
import { GRACE } from './hang-up';

/** The variable by which the processes of a command are found where they cannot be signalled from here. */
const MARK = 'CDK_VAST_EXEC';

/** Sends the signal $2 to the processes that have the variable $1, or with $3 to the one of them that Docker has started. */
const SIGNALLING = `
for file in /proc/[0-9]*/environ; do
  directory=\${file%/environ}
  tr '\\0' '\\n' 2>/dev/null <"$file" | grep -qx "$1" || continue
  [ -z "$3" ] || grep -q '^PPid:[^0-9]*0$' "$directory/status" || continue
  kill "-$2" "\${directory#/proc/}" && kill -CONT "\${directory#/proc/}"
done
`;

/** Whether this process sees those of a container, and may signal them: as root, and on the machine that Docker runs on. */
export async function canSignal(containerProcess: number, containerId: string): Promise<boolean> {
  const group = await readFile(`/proc/${containerProcess}/cgroup`, 'utf8').catch(() => '');
  return process.geteuid?.() === 0 && group.includes(containerId);
}

/** What a command has in its environment, so that it is found later. */
export function mark(value: string): string {
  return `${MARK}=${value}`;
}

/**
 * Takes the terminal of a command away with the means of its container: a shell, `tr` and `grep`.
 *
 * All its processes get SIGHUP, also those in the background.
 */
export async function hangUpInside(engine: DockerEngine, containerId: string, marked: string): Promise<void> {
  const signal = async (name: string, leader: '' | 'leader') => {
    const { Id } = await engine.call<{ Id: string }>('POST', `/containers/${containerId}/exec`, {
      Cmd: ['sh', '-c', SIGNALLING, 'sh', marked, name, leader], User: '0',
    });
    await engine.call('POST', `/exec/${Id}/start`, { Detach: true });
  };
  await signal('HUP', '');
  await sleep(GRACE);
  await signal('KILL', 'leader');
}
