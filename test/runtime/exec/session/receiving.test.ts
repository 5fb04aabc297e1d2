import { randomUUID } from 'node:crypto';
import { ScriptedAgent } from './scripted-agent';
import { Session, SessionLostError } from '../../../../src/runtime/exec/session';
import { encodeMessage, MessageType, PayloadType } from '../../../../src/runtime/exec/wire';

/** The first number after the handshake. */
const FIRST = 2;

async function listening(agent = new ScriptedAgent()): Promise<{ agent: ScriptedAgent; session: Session; heard: string[] }> {
  const session = await agent.open();
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  return { agent, session, heard };
}

test('what comes too early waits, and both are acknowledged when they come', async () => {
  const { agent, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'c', { sequenceNumber: FIRST + 2 });
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1 });
  expect(heard).toEqual([]);
  expect(agent.acknowledged.slice(FIRST)).toEqual([FIRST + 2, FIRST + 1]);
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: FIRST });
  expect(heard).toEqual(['a', 'b', 'c']);
});

test('what comes again is acknowledged again, and heard once', async () => {
  const { agent, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1 });
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1 });
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: FIRST });
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: FIRST });
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1 });
  expect(heard).toEqual(['a', 'b']);
  expect(agent.acknowledged.slice(FIRST)).toEqual([3, 3, 2, 2, 3]);
});

test('an acknowledgement names the message by its type, id and number', async () => {
  const { agent } = await listening();
  const messageId = randomUUID();
  agent.output(PayloadType.OUTPUT, 'a', { messageId });
  const last = agent.received[agent.received.length - 1];
  expect(last).toMatchObject({ messageType: 'acknowledge', sequenceNumber: 0, flags: 3, payloadType: 0 });
  expect(JSON.parse(last.payload.toString())).toEqual({
    AcknowledgedMessageType: 'output_stream_data',
    AcknowledgedMessageId: messageId,
    AcknowledgedMessageSequenceNumber: FIRST,
    IsSequentialMessage: true,
  });
});

test('what comes too early is kept up to a limit, and not acknowledged beyond it', async () => {
  const { agent, session, heard } = await listening();
  const payload = Buffer.alloc(100_000, 'x');
  for (let number = 1; number <= 200; number++) agent.output(PayloadType.OUTPUT, payload, { sequenceNumber: FIRST + number });
  expect(session.heldBytes).toBeGreaterThan(8_000_000);
  expect(session.heldBytes).toBeLessThan(8.5 * 1024 * 1024);
  const kept = agent.acknowledged.length - FIRST;
  expect(kept).toBe(83);
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: FIRST });
  expect(heard.length).toBe(kept + 1);
  expect(session.heldBytes).toBe(0);
});

test('empty messages take room as well', async () => {
  const { agent, session } = await listening();
  for (let number = 1; number <= 40_000; number++) agent.output(PayloadType.OUTPUT, '', { sequenceNumber: FIRST + number });
  expect(session.heldBytes).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(agent.acknowledged.length).toBeLessThan(33_000);
});

test('errors of the agent are shown, and what is not for a terminal is not', async () => {
  const { agent, heard } = await listening();
  agent.output(PayloadType.STDERR, 'stderr');
  agent.output(PayloadType.ERROR, 'error');
  agent.output(PayloadType.EXIT_CODE, '7');
  agent.output(99 as PayloadType, 'from the future');
  agent.output(PayloadType.OUTPUT, '');
  expect(heard).toEqual(['stderr', 'error']);
  expect(agent.acknowledged).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a message of a type that is not known is left alone', async () => {
  const { agent, session, heard } = await listening();
  agent.say('something_new' as MessageType, {});
  agent.output(PayloadType.OUTPUT, 'a');
  expect(heard).toEqual(['a']);
  await session.write(Buffer.from('x'));
});

test('a frame that cannot be read is like one that was lost: not acknowledged, and heard when it comes again', async () => {
  const { agent, heard } = await listening();
  const frame = encodeMessage({
    messageType: MessageType.OUTPUT_STREAM_DATA, createdDate: 1, sequenceNumber: FIRST, messageId: randomUUID(), payloadType: 1, payload: Buffer.from('a'),
  });
  const broken = Buffer.from(frame);
  broken[broken.length - 1]++;
  agent.sendFrame(broken);
  agent.sendFrame('a text');
  agent.sendFrame(frame.subarray(0, 50));
  expect(agent.acknowledged.length).toBe(FIRST);
  agent.sendFrame(frame);
  expect(heard).toEqual(['a']);
});

test('a hundred of them in a row are another protocol, ninety-nine are not', async () => {
  const { agent, session, heard } = await listening();
  for (let time = 0; time < 99; time++) agent.sendFrame(Buffer.from('nonsense'));
  agent.output(PayloadType.OUTPUT, 'a');
  for (let time = 0; time < 99; time++) agent.say(MessageType.ACKNOWLEDGE, 'not JSON');
  expect(agent.closedByClient).toBe(0);
  agent.say(MessageType.ACKNOWLEDGE, {});
  await expect(session.ended).rejects.toBeInstanceOf(SessionLostError);
  await expect(session.ended).rejects.toThrow('100 frames in a row could not be read');
  expect(heard).toEqual(['a']);
});

test('a message that never comes ends the session after a minute, whatever else comes', async () => {
  const { agent, session, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'a');
  agent.output(PayloadType.OUTPUT, 'c', { sequenceNumber: FIRST + 2 });
  await agent.clock.advance(59_000);
  agent.output(PayloadType.OUTPUT, 'd', { sequenceNumber: FIRST + 3 });
  await agent.clock.advance(999);
  expect(agent.closedByClient).toBe(0);
  await agent.clock.advance(1);
  await expect(session.ended).rejects.toThrow(`message ${FIRST + 1} of its output has not come for 60 s`);
  expect(heard).toEqual(['a']);
});

test('one that comes after all ends that wait', async () => {
  const { agent, session, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1 });
  await agent.clock.advance(59_000);
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: FIRST });
  await agent.clock.advance(120_000);
  expect(heard).toEqual(['a', 'b']);
  await session.write(Buffer.from('x'));
});

test('what a listener fails with ends the session', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const epipe = new Error('EPIPE');
  session.onOutput(() => { throw epipe; });
  agent.output(PayloadType.OUTPUT, 'a');
  await expect(session.ended).rejects.toBe(epipe);
  expect(agent.stream(PayloadType.FLAG).length).toBe(1);
  expect(agent.closedByClient).toBe(1);
});

test('and so does what its promise fails with', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  session.onOutput(() => Promise.reject(new Error('EPIPE')));
  agent.output(PayloadType.OUTPUT, 'a');
  await expect(session.ended).rejects.toThrow('EPIPE');
});
