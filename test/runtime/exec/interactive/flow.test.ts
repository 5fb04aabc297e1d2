import { PassThrough } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { InvalidInputError } from '../../../../src/runtime/errors';
import { refuseWithoutTerminal, runInteractive } from '../../../../src/runtime/exec/interactive';
import { errorOf } from '../../server/fake-server';
import { FakeChannel } from '../fake-channel';

/** Streams that say they are a terminal, of which nobody reads or types unless the test does. */
function streams() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
  const output = Object.assign(new PassThrough({ highWaterMark: 1000 }), { isTTY: true, columns: 80, rows: 24 });
  return { input: input as unknown as ReadStream & PassThrough, output: output as unknown as WriteStream & PassThrough };
}

const turn = () => new Promise(resolve => setTimeout(resolve, 20));

test('what is pasted waits outside of this process while the session has no room', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  let makeRoom: () => void;
  channel.room = new Promise((resolve) => { makeRoom = resolve; });
  const over = runInteractive(channel, { input, output });
  const piece = Buffer.alloc(10_000, 'x');
  let accepted = 0;
  while (input.write(piece) && accepted < 100) {
    accepted++;
    await turn();
  }
  expect(accepted).toBeLessThan(5);
  expect(channel.typed).toHaveLength(1);
  makeRoom!();
  await turn();
  expect(Buffer.concat(channel.typed)).toHaveLength((accepted + 1) * piece.length);
  channel.end();
  await over;
});

test('the session is held back while the terminal shows no more', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  const over = runInteractive(channel, { input, output });
  await channel.show('x'.repeat(300_000));
  await turn();
  let shown = false;
  const showing = channel.show('y').then(() => { shown = true; });
  await turn();
  expect(shown).toBe(false);
  output.resume();
  await showing;
  channel.end();
  await over;
});

test('it is over when all is shown', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  let isOver = false;
  const over = runInteractive(channel, { input, output }).then(() => { isOver = true; });
  await channel.show('x'.repeat(5000));
  channel.end();
  await turn();
  expect(isOver).toBe(false);
  output.resume();
  await over;
});

test('what comes in one turn is shown in one piece', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  const pieces: string[] = [];
  output.on('data', (piece: Buffer) => pieces.push(piece.toString()));
  const over = runInteractive(channel, { input, output });
  void channel.show('one ');
  void channel.show('two');
  await turn();
  expect(pieces).toEqual(['one two']);
  channel.end();
  await over;
});

test('a terminal that shows no more keeps nobody who wants to leave', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  const over = runInteractive(channel, { input, output });
  await channel.show('x'.repeat(5000));
  channel.end();
  await turn();
  process.emit('SIGTERM');
  expect(await over).toMatchObject({ signal: 'SIGTERM' });
});

test('a terminal that is gone ends the session', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  const over = runInteractive(channel, { input, output });
  input.end();
  expect(await over).toMatchObject({ signal: 'SIGHUP' });
  expect(channel.terminated).toBeGreaterThan(0);
});

test('nothing of it stays in this process', async () => {
  const events = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGTSTP', 'SIGCONT', 'exit', 'uncaughtExceptionMonitor'];
  const listeners = () => events.map(name => process.listenerCount(name));
  const before = listeners();
  const { input, output } = streams();
  const channel = new FakeChannel();
  const over = runInteractive(channel, { input, output });
  expect(listeners()).toEqual(before.map(count => count + 1));
  channel.end();
  await over;
  expect(listeners()).toEqual(before);
  expect([input.listenerCount('data'), output.listenerCount('resize'), input.isPaused()]).toEqual([0, 0, true]);
});

test('a session that fails gives everything back, and fails', async () => {
  const { input, output } = streams();
  const channel = new FakeChannel();
  const over = runInteractive(channel, { input, output });
  channel.lose(new Error('it was lost'));
  expect((await errorOf(over)).message).toBe('it was lost');
  expect(input.isPaused()).toBe(true);
});

test('without a terminal there is none', () => {
  const { input, output } = streams();
  expect(() => refuseWithoutTerminal({ input, output })).not.toThrow();
  input.isTTY = false as true;
  expect(() => refuseWithoutTerminal({ input, output })).toThrow(InvalidInputError);
  expect(() => refuseWithoutTerminal({ input, output })).toThrow('a shell takes a terminal to type into, and standard input is none: '
    + 'give a command with --cmd, or --cmd - to read it from standard input');
});
