import { ScriptedAgent } from './scripted-agent';
import { PayloadType } from '../../../../src/runtime/exec/wire';

const MEGABYTE = 1024 * 1024;
const KILOBYTE = Buffer.alloc(1024, 'x');

/** A listener that hears one thing, and then waits until it is told to go on. */
function slowListener() {
  const waiting: Array<() => void> = [];
  const heard = { bytes: 0 };
  return {
    heard,
    listener: async (data: Buffer) => {
      heard.bytes += data.length;
      await new Promise<void>(resolve => waiting.push(resolve));
    },
    goOn: () => waiting.shift()?.(),
  };
}

test('64 MB for a listener that is slow: what is held stays just above 1 MB, and all of it is heard', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const { listener, goOn, heard } = slowListener();
  session.onOutput(listener);
  const block = Buffer.alloc(16 * 1024, 'x');
  let mostHeld = 0;
  for (let sent = 0; heard.bytes < 64 * MEGABYTE;) {
    while (!agent.paused && sent < 64 * MEGABYTE) {
      agent.output(PayloadType.OUTPUT, block);
      sent += block.length;
    }
    mostHeld = Math.max(mostHeld, session.heldBytes);
    goOn();
    await Promise.resolve();
  }
  expect(heard.bytes).toBe(64 * MEGABYTE);
  expect(mostHeld).toBeGreaterThan(MEGABYTE);
  expect(mostHeld).toBeLessThan(MEGABYTE + 2 * block.length);
});

test('a connection that can wait waits from 1 MB on, and is read on below 256 kB', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const { listener, goOn, heard } = slowListener();
  session.onOutput(listener);
  let sent = 0;
  while (!agent.paused) {
    agent.output(PayloadType.OUTPUT, KILOBYTE);
    sent++;
  }
  expect(session.heldBytes).toBeGreaterThan(MEGABYTE);
  expect(session.heldBytes).toBeLessThan(MEGABYTE + 2048);
  expect(agent.acknowledged.length).toBe(sent + 2);
  for (let heardOn = 0; agent.paused; heardOn++) {
    goOn();
    await agent.clock.advance(0);
    expect(heardOn).toBeLessThan(sent);
  }
  expect(session.heldBytes).toBeLessThan(256 * 1024);
  expect(heard.bytes).toBeGreaterThan(600 * 1024);
});

test('the connection that is made after it broke waits as well', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => ({ streamUrl: 'wss://there/again', tokenValue: 'token' }) });
  session.onOutput(slowListener().listener);
  while (!agent.paused) agent.output(PayloadType.OUTPUT, KILOBYTE);
  agent.cut();
  agent.paused = false;
  await agent.clock.advance(1000);
  expect(agent.connections).toBe(2);
  expect(agent.paused).toBe(true);
});

test('one that cannot wait is not acknowledged beyond 4 MB, and takes what is sent again', async () => {
  const agent = new ScriptedAgent(false);
  const session = await agent.open();
  const { listener, goOn, heard } = slowListener();
  session.onOutput(listener);
  for (let count = 0; count < 6000; count++) agent.output(PayloadType.OUTPUT, KILOBYTE);
  expect(session.heldBytes).toBeGreaterThan(4 * MEGABYTE);
  // What came after the first that was not taken waits for it.
  expect(session.heldBytes).toBeLessThan(4 * MEGABYTE + 8 * MEGABYTE);
  const acknowledged = new Set(agent.acknowledged);
  const missing = [...Array(6002).keys()].filter(number => !acknowledged.has(number));
  expect(missing.length).toBeGreaterThan(0);
  for (let count = 0; count < 100; count++) {
    goOn();
    await agent.clock.advance(0);
  }
  missing.forEach(sequenceNumber => agent.output(PayloadType.OUTPUT, KILOBYTE, { sequenceNumber }));
  for (let count = 0; heard.bytes < 6000 * 1024 && count < 20_000; count++) {
    goOn();
    await Promise.resolve();
  }
  expect(heard.bytes).toBe(6000 * 1024);
  expect(session.heldBytes).toBeLessThan(2048);
});

test('output from before there is a listener is kept for it', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  agent.output(PayloadType.OUTPUT, 'a');
  agent.output(PayloadType.OUTPUT, 'b');
  await agent.clock.advance(10);
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  await agent.clock.advance(0);
  expect(heard).toEqual(['a', 'b']);
});

test('what is typed goes out while the connection waits, and is not sent again for want of an answer', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  session.onOutput(slowListener().listener);
  while (!agent.paused) agent.output(PayloadType.OUTPUT, KILOBYTE);
  agent.acknowledges = false;
  await session.write(Buffer.from('\x03'));
  // Ten minutes are more than a message has that is not acknowledged.
  await agent.clock.advance(600_000);
  expect(agent.typed).toEqual(['\x03']);
  expect(agent.closedByClient).toBe(0);
});

test('a listener that answers in large pieces does not wait for itself', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  agent.acknowledges = false;
  const written: boolean[] = [];
  session.onOutput(async () => {
    await session.write(Buffer.alloc(300 * 1024));
    written.push(true);
  });
  for (let count = 0; count < 2000; count++) agent.output(PayloadType.OUTPUT, KILOBYTE);
  await agent.clock.advance(0);
  expect(agent.paused).toBe(false);
  for (const { sequenceNumber } of agent.stream(PayloadType.OUTPUT)) agent.acknowledge(sequenceNumber);
  await agent.clock.advance(0);
  expect(written).toEqual([true]);
});

test('where acknowledgements cannot leave, nothing is taken that needs another', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  agent.bufferedBytes = 2 * MEGABYTE;
  agent.output(PayloadType.OUTPUT, 'a');
  expect(heard).toEqual([]);
  expect(agent.acknowledged.length).toBe(2);
  agent.bufferedBytes = 0;
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: 2 });
  expect(heard).toEqual(['a']);
});
