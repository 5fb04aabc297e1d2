import { ExecWorld } from './exec-world';

let world: ExecWorld;
beforeEach(async () => { world = await ExecWorld.open(); });
afterEach(() => world.close());

const execute = async (...args: string[]) => world.run('execute-command', ...args);

test('a command is run, and its end is that of the program', async () => {
  expect(await execute('--cmd', 'echo out; echo err >&2; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'err\n' });
});
