import { ScriptedAgent } from './scripted-agent';
import { SessionEndedError, SessionLostError } from '../../../../src/runtime/exec/session';
import { MessageType, PayloadType } from '../../../../src/runtime/exec/wire';

/** The handshake's answer has the number 0. */
const FIRST = 1;

/** One that does not acknowledge by itself once the session is open. */
async function quietAgent() {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  agent.acknowledges = false;
  return { agent, session };
}

/** At which times the message with this number was sent, from now on. */
function timesOf(agent: ScriptedAgent, sequenceNumber: number): number[] {
  const times: number[] = [];
  agent.onReceived = message => {
    if (message.messageType === MessageType.INPUT_STREAM_DATA && message.sequenceNumber === sequenceNumber) times.push(agent.clock.now());
  };
  return times;
}

test('what is typed goes out as it is, in pieces of 1024 bytes with numbers', async () => {
  const { agent, session } = await quietAgent();
  const typed = Buffer.from(Array.from({ length: 2500 }, (_, index) => index % 256));
  await session.write(Buffer.from('\n'));
  await session.write(typed);
  await session.write(Buffer.alloc(0));
  const sent = agent.stream(PayloadType.OUTPUT);
  expect(sent.map(({ payload }) => payload.length)).toEqual([1, 1024, 1024, 452]);
  expect(sent.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2, 3, 4]);
  expect(Buffer.concat(sent.map(({ payload }) => payload))).toEqual(Buffer.concat([Buffer.from('\n'), typed]));
  expect(new Set(sent.map(({ messageId }) => messageId)).size).toBe(4);
});

test('256 messages are on their way at most, and writing waits for them', async () => {
  const { agent, session } = await quietAgent();
  let written = false;
  const writing = session.write(Buffer.alloc(300 * 1024)).then(() => { written = true; });
  await agent.clock.advance(0);
  expect(agent.typed.length).toBe(256);
  expect(written).toBe(false);
  for (let number = FIRST; number < FIRST + 43; number++) agent.acknowledge(number);
  await agent.clock.advance(0);
  expect(agent.typed.length).toBe(299);
  expect(written).toBe(false);
  agent.acknowledge(FIRST + 43);
  await writing;
  expect(agent.typed.length).toBe(300);
});

test('writes keep their order, whoever waits', async () => {
  const { agent, session } = await quietAgent();
  const writing = [Buffer.alloc(257 * 1024, 'a'), Buffer.from('b'), Buffer.from('c')].map(data => session.write(data));
  await agent.clock.advance(0);
  agent.acknowledges = true;
  for (let number = FIRST; number < FIRST + 256; number++) agent.acknowledge(number);
  await Promise.all(writing);
  expect(agent.typed.slice(-3)).toEqual(['a'.repeat(1024), 'b', 'c']);
});

test('what is not acknowledged is sent again after 200 ms, 400 ms, 800 ms, and then each second', async () => {
  const { agent, session } = await quietAgent();
  const times = timesOf(agent, FIRST);
  const start = agent.clock.now();
  await session.write(Buffer.from('a'));
  await agent.clock.advance(4000);
  expect(times.map(time => time - start)).toEqual([0, 200, 600, 1400, 2400, 3400]);
  agent.acknowledge(FIRST);
  await agent.clock.advance(10_000);
  expect(times.length).toBe(6);
});

test('round trips are measured, but not those of what was sent again', async () => {
  const { agent, session } = await quietAgent();
  for (let number = FIRST; number < FIRST + 20; number++) {
    await session.write(Buffer.from('a'));
    await agent.clock.advance(190);
    agent.acknowledge(number);
  }
  const learned = timesOf(agent, FIRST + 20);
  await session.write(Buffer.from('b'));
  await agent.clock.advance(1000);
  const timeout = learned[1] - learned[0];
  expect(timeout).toBeGreaterThan(200);
  expect(timeout).toBeLessThan(400);
  // Its acknowledgement comes long after it was first sent, and says nothing.
  await agent.clock.advance(20_000);
  agent.acknowledge(FIRST + 20);
  const next = timesOf(agent, FIRST + 21);
  await session.write(Buffer.from('c'));
  await agent.clock.advance(1000);
  expect(next[1] - next[0]).toBeCloseTo(timeout, 6);
});

test('after 300 times in vain the session is lost, and whoever writes hears it', async () => {
  const { agent, session } = await quietAgent();
  await session.write(Buffer.from('a'));
  await agent.clock.advance(299_000);
  expect(agent.closedByClient).toBe(0);
  const writing = session.write(Buffer.alloc(300 * 1024));
  writing.catch(() => undefined);
  await agent.clock.advance(2000);
  await expect(session.ended).rejects.toBeInstanceOf(SessionLostError);
  await expect(session.ended).rejects.toThrow('has not acknowledged message 1, which was sent 301 times');
  await expect(writing).rejects.toBeInstanceOf(SessionLostError);
  await expect(session.write(Buffer.from('b'))).rejects.toBeInstanceOf(SessionLostError);
  expect(agent.clock.pending).toBe(0);
});

test('an agent that is there, but never acknowledges twice, is told from one that is gone', async () => {
  const { agent, session } = await quietAgent();
  session.resize({ cols: 80, rows: 24 });
  agent.acknowledge(FIRST);
  await session.write(Buffer.from('its acknowledgement was lost'));
  // From now on the agent acknowledges what it sees for the first time.
  const seen = new Set([FIRST, FIRST + 1]);
  agent.onReceived = ({ messageType, sequenceNumber }) => {
    if (messageType === MessageType.INPUT_STREAM_DATA && !seen.has(sequenceNumber)) {
      seen.add(sequenceNumber);
      agent.acknowledge(sequenceNumber);
    }
  };
  await agent.clock.advance(1_000_000);
  expect(agent.closedByClient).toBe(0);
  // It was asked with the size that it had.
  expect(agent.stream(PayloadType.SIZE).map(({ payload }) => payload.toString())).toEqual(Array(2).fill('{"cols":80,"rows":24}'));
  expect(agent.clock.pending).toBe(0);
  await session.write(Buffer.from('x'));
});

test('an acknowledgement of what was never sent, or twice, changes nothing', async () => {
  const { agent, session } = await quietAgent();
  await session.write(Buffer.from('a'));
  [FIRST, FIRST, 99, -1].forEach(number => agent.acknowledge(number));
  await agent.clock.advance(10_000);
  expect(agent.typed).toEqual(['a']);
});

test('while the publication is paused nothing goes out but acknowledgements, and then what was lost goes first', async () => {
  const { agent, session } = await quietAgent();
  await session.write(Buffer.from('a'));
  agent.say(MessageType.PAUSE_PUBLICATION);
  const before = agent.stream(PayloadType.OUTPUT).length;
  let written = false;
  const writing = session.write(Buffer.from('b')).then(() => { written = true; });
  session.resize({ cols: 80, rows: 24 });
  agent.output(PayloadType.OUTPUT, 'shown');
  await agent.clock.advance(3_600_000);
  expect(agent.stream(PayloadType.OUTPUT).length).toBe(before);
  expect(agent.stream(PayloadType.SIZE)).toEqual([]);
  expect(agent.acknowledged).toEqual([0, 1, 2]);
  expect(written).toBe(false);
  agent.say(MessageType.START_PUBLICATION);
  await writing;
  expect(agent.typed).toEqual(['a', 'a', 'b']);
  // What the protocol needs goes before what waits to be typed.
  expect(agent.stream(PayloadType.SIZE).map(({ sequenceNumber }) => sequenceNumber)).toEqual([FIRST + 1]);
});

test('with much in the way of what is sent nothing is sent again', async () => {
  const { agent, session } = await quietAgent();
  await session.write(Buffer.from('a'));
  agent.bufferedBytes = 100_000;
  await agent.clock.advance(60_000);
  expect(agent.typed).toEqual(['a']);
  agent.bufferedBytes = 0;
  await agent.clock.advance(100);
  expect(agent.typed).toEqual(['a', 'a']);
});

test('at most 32 messages are sent again at once, the oldest first', async () => {
  const { agent, session } = await quietAgent();
  await session.write(Buffer.alloc(100 * 1024));
  await agent.clock.advance(200);
  const again = agent.stream(PayloadType.OUTPUT).slice(100).map(({ sequenceNumber }) => sequenceNumber);
  expect(again).toEqual(Array.from({ length: 32 }, (_, index) => FIRST + index));
  await agent.clock.advance(199);
  const all = new Set(agent.stream(PayloadType.OUTPUT).slice(100).map(({ sequenceNumber }) => sequenceNumber));
  expect(all.size).toBe(100);
});

test('of many sizes the first and the last go out', async () => {
  const { agent, session } = await quietAgent();
  agent.acknowledges = true;
  for (let cols = 80; cols <= 100; cols++) session.resize({ cols, rows: 24 });
  await agent.clock.advance(1000);
  session.resize({ cols: 100, rows: 24 });
  await agent.clock.advance(1000);
  expect(agent.stream(PayloadType.SIZE).map(({ payload }) => payload.toString())).toEqual(['{"cols":80,"rows":24}', '{"cols":100,"rows":24}']);
  expect(agent.clock.pending).toBe(0);
});

test('what is typed after the end is an error that says so', async () => {
  const { agent, session } = await quietAgent();
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'idle for too long' });
  await expect(session.write(Buffer.from('a'))).rejects.toBeInstanceOf(SessionEndedError);
  await expect(session.write(Buffer.from('a'))).rejects.toThrow('the session s-1 is over (idle for too long): open another');
});
