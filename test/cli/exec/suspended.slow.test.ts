import { once } from 'node:events';
import { ended, ExecWorld } from './exec-world';

/** Longer than a container may be silent. */
const STOPPED_MS = 100_000;

test('a client that was stopped goes on with its command', async () => {
  const world = await ExecWorld.open();
  try {
    const client = world.start(['execute-command', '--cmd', 'echo begun; sleep 105; echo done; exit 3']);
    client.stdout!.pause();
    await once(client.stdout!, 'readable');
    client.kill('SIGSTOP');
    await new Promise(resolve => setTimeout(resolve, STOPPED_MS));
    client.kill('SIGCONT');
    expect(await ended(client)).toEqual({ exitCode: 3, stdout: 'begun\ndone\n', stderr: '' });
  } finally {
    await world.close();
  }
}, 300_000);
