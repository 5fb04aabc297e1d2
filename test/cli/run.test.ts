import { constants } from 'node:os';
import { Interrupted } from '../../src/cli/errors';
import { run } from '../../src/cli/run';

/** Runs a program that tells when it is there and ends with an exit code upon SIGTERM; Ctrl-C is pressed meanwhile. */
const interruptedRun = (exitCode: number, shielded: boolean) => run(process.execPath,
  ['-e', `process.on('SIGTERM', () => process.exit(${exitCode})); console.log(process.pid); setInterval(() => {}, 1000)`], {
    capture: true,
    shielded,
    onLine: (pid) => {
      process.emit('SIGINT', 'SIGINT');
      process.kill(Number(pid), 'SIGTERM');
    },
  });

test.each([0, 2, 3])('the answer of a program during which Ctrl-C was pressed is none: exit code %d', async (exitCode) => {
  await expect(interruptedRun(exitCode, false)).rejects.toThrow(new Interrupted(130));
});

test('what cleans up is not interrupted', async () => {
  expect(await interruptedRun(0, true)).toMatchObject({ exitCode: 0 });
});

test.each(['SIGTERM', 'SIGHUP'] as const)('%s is passed on where somebody handles it', async (signal) => {
  const handle = () => undefined;
  process.on(signal, handle);
  try {
    const ended = run(process.execPath, ['-e', 'console.log("there"); setInterval(() => {}, 1000)'], {
      capture: true,
      onLine: () => process.emit(signal, signal),
    });
    expect(await ended).toMatchObject({ exitCode: 128 + constants.signals[signal] });
  } finally {
    process.off(signal, handle);
  }
});
