import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** What has not ended so long after its terminal was taken away is killed. */
export const GRACE = 5000;
const POLL = 50;

/**
 * Takes the terminal of a process away, which Docker has no call for: the leader and whatever is in the foreground get
 * SIGHUP. A leader that lives on for five seconds is killed, with its group.
 *
 * What has left the session, or heeds no SIGHUP in the background, lives on, as on AWS.
 *
 * @param leader the process id on this machine
 * @throws an error where the process is not to be seen from here
 */
export async function hangUp(leader: number, containerId: string): Promise<void> {
  const group = await controlGroup(leader);
  if (group === undefined) {
    // It has ended in the meantime.
    return;
  }
  if (!group.includes(containerId)) {
    throw new Error(`the process ${leader} is none of the container ${containerId.slice(0, 12)}, and so is left alone`);
  }
  for (const foreground of await foregroundGroups(leader)) {
    signal(-foreground, 'SIGHUP');
  }
  // A stopped process hears nothing before it goes on.
  for (const name of ['SIGHUP', 'SIGCONT'] as const) {
    signal(leader, name);
  }
  for (let waited = 0; waited < GRACE; waited += POLL) {
    await sleep(POLL);
    if (await controlGroup(leader) !== group) {
      return;
    }
  }
  // It leads its group as well as its session.
  signal(-leader, 'SIGKILL');
}

async function controlGroup(pid: number): Promise<string | undefined> {
  return readFile(`/proc/${pid}/cgroup`, 'utf8').catch(() => undefined);
}

/** The process groups in the foreground of the leader's terminal. */
async function foregroundGroups(leader: number): Promise<number[]> {
  const groups = new Set<number>();
  for (const entry of await readdir('/proc')) {
    const stat = /^\d+$/.test(entry) ? await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '') : '';
    const [, , group, session, , foreground] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').map(Number);
    if (session === leader && group === foreground) {
      groups.add(group);
    }
  }
  return [...groups];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
      throw error;
    }
  }
}
