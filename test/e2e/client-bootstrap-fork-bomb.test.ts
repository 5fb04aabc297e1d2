import { readdirSync, readFileSync } from 'node:fs';
import { RunningBootstrap } from '../client/bootstrap/running-bootstrap';

/** The limit counts all processes of a user: so one of no other use where that can be chosen, else it is counted from what there is. */
const UID = process.getuid!() === 0 ? 54_321 : undefined;

function processesOf(uid: number): number {
  return readdirSync('/proc').filter(name => /^\d+$/.test(name)).filter(pid => {
    try {
      return new RegExp(`^Uid:\\s+${uid}\\s`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  }).length;
}

test.each([
  ['in its process group', 'bomb() { bomb | bomb & }; bomb; sleep 300'],
  ['that makes groups of its own', 'set -m; bomb() { (bomb & bomb &) & }; bomb; sleep 300'],
])('a fork bomb %s is bounded, stopped and cleared away', async (_, cmd) => {
  const before = processesOf(UID ?? process.getuid!());
  const most = UID === undefined ? 4 * before + 100 : 80;
  const bootstrap = await RunningBootstrap.start({ CDK_VAST_MOST_PROCESSES: `${most}` }, UID);
  try {
    let peak = 0;
    const watch = setInterval(() => peak = Math.max(peak, processesOf(UID ?? process.getuid!())), 100);
    const result = await bootstrap.run({ cmd: `exec 2>/dev/null; ${cmd}`, cmdEncoding: 'utf8' }, { timeout: 10_000 });
    clearInterval(watch);
    expect(result.timedOut).toBe(true);
    await bootstrap.api.asked();
    expect(await bootstrap.run('echo alive')).toMatchObject({ stdout: 'alive\n' });
    expect(peak).toBeLessThanOrEqual(most);
    expect(processesOf(UID ?? process.getuid!())).toBeLessThan(before + 10);
  } finally {
    await bootstrap.stop();
  }
});
