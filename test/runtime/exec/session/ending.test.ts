import { getEventListeners } from 'node:events';
import { ScriptedAgent } from './scripted-agent';
import { Session, SessionAbortedError, SessionLostError, SessionOpenError } from '../../../../src/runtime/exec/session';
import { HeaderFlag, MessageType, PayloadType } from '../../../../src/runtime/exec/wire';

/** The first number after the handshake. */
const FIRST = 2;

async function listening(more: Parameters<ScriptedAgent['open']>[0] = {}) {
  const agent = new ScriptedAgent();
  const session = await agent.open(more);
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  return { agent, session, heard, end: endOf(session) };
}

/** How the session has ended so far. */
function endOf(session: Session): { how?: string; error?: Error } {
  const end: { how?: string; error?: Error } = {};
  session.ended.then(({ message }) => { end.how = `ended: ${message}`; }, (error: Error) => {
    end.how = error.name;
    end.error = error;
  });
  return end;
}

test('after the end it is listened for 200 ms more, as nothing tells which message was the last', async () => {
  const { agent, end, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'a');
  agent.say(MessageType.CHANNEL_CLOSED, { Output: '' });
  await agent.clock.advance(199);
  expect(end.how).toBeUndefined();
  agent.output(PayloadType.OUTPUT, 'late');
  await agent.clock.advance(199);
  expect(end.how).toBeUndefined();
  await agent.clock.advance(1);
  expect(end.how).toBe('ended: ');
  expect(heard).toEqual(['a', 'late']);
  expect(agent.closedByClient).toBe(1);
  expect(agent.clock.pending).toBe(0);
});

test('no longer than until the service hangs up', async () => {
  const { agent, end } = await listening();
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'bye' });
  agent.cut();
  await agent.clock.advance(0);
  expect(end.how).toBe('ended: bye');
});

test('and not at all where the agent has said which message is the last', async () => {
  const { agent, end, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'a', { flags: HeaderFlag.FIN });
  agent.say(MessageType.CHANNEL_CLOSED, {});
  await agent.clock.advance(0);
  expect(end.how).toBe('ended: ');
  expect(heard).toEqual(['a']);
});

test('after the last message a connection that breaks is the end, and no loss', async () => {
  const { agent, end } = await listening({ resume: () => Promise.reject(new Error('must not be asked')) });
  agent.output(PayloadType.OUTPUT, 'a', { flags: HeaderFlag.SYN + HeaderFlag.FIN });
  agent.cut();
  await agent.clock.advance(0);
  expect(end.how).toBe('ended: ');
});

test('the last message is the last only when those before it have come', async () => {
  const { agent, end, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1, flags: HeaderFlag.FIN });
  agent.say(MessageType.CHANNEL_CLOSED, {});
  await agent.clock.advance(1000);
  expect(end.how).toBeUndefined();
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: FIRST });
  await agent.clock.advance(0);
  expect(end.how).toBe('ended: ');
  expect(heard).toEqual(['a', 'b']);
});

test('what is known to be missing has five seconds, and then the session is lost, not ended', async () => {
  const { agent, end, heard } = await listening();
  agent.output(PayloadType.OUTPUT, 'a');
  agent.output(PayloadType.OUTPUT, 'c', { sequenceNumber: FIRST + 2 });
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'bye' });
  await agent.clock.advance(4800);
  expect(end.how).toBeUndefined();
  await agent.clock.advance(400);
  expect(end.error).toBeInstanceOf(SessionLostError);
  expect(end.error?.message).toContain(`it was closed (bye), and message ${FIRST + 1} of its output never came`);
  expect(heard).toEqual(['a']);
  expect(agent.clock.pending).toBe(0);
});

test('what was not taken from a fast agent is not missing while it is not yet heard what was', async () => {
  const agent = new ScriptedAgent(false);
  const session = await agent.open();
  const goOn: Array<() => void> = [];
  session.onOutput(() => new Promise<void>(resolve => goOn.push(resolve)));
  const end = endOf(session);
  const megabyte = Buffer.alloc(1024 * 1024);
  for (let count = 0; count < 5; count++) agent.output(PayloadType.OUTPUT, megabyte);
  expect(agent.acknowledged.length).toBe(FIRST + 4);
  agent.say(MessageType.CHANNEL_CLOSED, {});
  await agent.clock.advance(60_000);
  expect(end.how).toBeUndefined();
  for (let count = 0; count < 4; count++) {
    goOn.shift()?.();
    await agent.clock.advance(0);
  }
  agent.output(PayloadType.OUTPUT, megabyte, { sequenceNumber: FIRST + 4 });
  goOn.shift()?.();
  await agent.clock.advance(1000);
  expect(end.how).toBe('ended: ');
});

test('a service that hangs up with something missing has lost the session', async () => {
  const { agent, end } = await listening({ resume: () => Promise.reject(new Error('must not be asked')) });
  agent.output(PayloadType.OUTPUT, 'b', { sequenceNumber: FIRST + 1 });
  agent.say(MessageType.CHANNEL_CLOSED, {});
  agent.cut();
  await agent.clock.advance(0);
  expect(end.how).toBe('SessionLostError');
});

test('the end waits for those who hear, however slow', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const goOn: Array<() => void> = [];
  const heard: string[] = [];
  session.onOutput(data => {
    heard.push(data.toString());
    return new Promise<void>(resolve => goOn.push(resolve));
  });
  const end = endOf(session);
  agent.output(PayloadType.OUTPUT, 'a');
  agent.output(PayloadType.OUTPUT, 'b');
  agent.say(MessageType.CHANNEL_CLOSED, {});
  await agent.clock.advance(60_000);
  expect(end.how).toBeUndefined();
  goOn.shift()?.();
  await agent.clock.advance(0);
  expect(heard).toEqual(['a', 'b']);
  expect(end.how).toBeUndefined();
  goOn.shift()?.();
  await agent.clock.advance(0);
  expect(end.how).toBe('ended: ');
});

test('a failure waits for them as well: what came is heard', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  agent.output(PayloadType.OUTPUT, 'a');
  agent.output(PayloadType.OUTPUT, 'b');
  agent.cut();
  const end = endOf(session);
  await agent.clock.advance(0);
  expect(end.how).toBeUndefined();
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  await agent.clock.advance(0);
  expect(heard).toEqual(['a', 'b']);
  expect(end.how).toBe('SessionLostError');
});

test('a closing that is no JSON, or comes twice, is a closing all the same', async () => {
  const { agent, end } = await listening();
  agent.say(MessageType.CHANNEL_CLOSED, 'what');
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'second' });
  await agent.clock.advance(1000);
  expect(end.how).toBe('ended: ');
});

test('terminating tells the agent, and waits for its last words', async () => {
  const { agent, session, end, heard } = await listening();
  const terminating = session.terminate();
  await agent.clock.advance(0);
  const [flag] = agent.stream(PayloadType.FLAG);
  expect([...flag.payload]).toEqual([0, 0, 0, 2]);
  agent.output(PayloadType.OUTPUT, 'exit\r\n');
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'ended by user' });
  await agent.clock.advance(200);
  await terminating;
  expect(end.how).toBe('ended: ended by user');
  expect(heard).toEqual(['exit\r\n']);
  expect(agent.clock.pending).toBe(0);
});

test('an agent that knows, but does not close, has a second', async () => {
  const { agent, session, end } = await listening();
  const terminating = session.terminate();
  await agent.clock.advance(999);
  expect(end.how).toBeUndefined();
  await agent.clock.advance(1);
  await terminating;
  expect(end.how).toBe('ended: ');
  expect(agent.clock.pending).toBe(0);
});

test('one that is not there has three', async () => {
  const { agent, session, end } = await listening();
  agent.acknowledges = false;
  void session.terminate();
  void session.terminate();
  await agent.clock.advance(2999);
  expect(end.how).toBeUndefined();
  await agent.clock.advance(1);
  expect(end.how).toBe('ended: ');
  // It was sent several times, but once only as a message of its own.
  expect(new Set(agent.stream(PayloadType.FLAG).map(({ sequenceNumber }) => sequenceNumber)).size).toBe(1);
  expect(agent.clock.pending).toBe(0);
});

test('a listener that hangs does not keep one from terminating', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  session.onOutput(() => new Promise(() => undefined));
  const end = endOf(session);
  agent.output(PayloadType.OUTPUT, 'a');
  void session.terminate();
  await agent.clock.advance(3000);
  expect(end.how).toBe('ended: ');
});

test('terminating a session that is over changes nothing', async () => {
  const { agent, session, end } = await listening();
  agent.cut();
  await agent.clock.advance(0);
  await session.terminate();
  session.resize({ cols: 1, rows: 1 });
  expect(end.how).toBe('SessionLostError');
  expect(agent.stream(PayloadType.FLAG)).toEqual([]);
});

test('the signal gives a session up at once: the agent is told, and promises fail with its reason', async () => {
  const abort = new AbortController();
  const { agent, session, end } = await listening({ signal: abort.signal });
  agent.acknowledges = false;
  const writing = session.write(Buffer.alloc(300 * 1024));
  writing.catch(() => undefined);
  const acknowledged = agent.typed.length;
  for (let number = 1; number <= acknowledged; number++) agent.acknowledge(number);
  const reason = new Error('enough');
  abort.abort(reason);
  await agent.clock.advance(0);
  expect(end.error).toBeInstanceOf(SessionAbortedError);
  expect(end.error?.message).toBe('the session s-1 was given up: enough');
  expect(end.error?.cause).toBe(reason);
  await expect(session.write(Buffer.from('x'))).rejects.toBeInstanceOf(SessionAbortedError);
  expect(agent.stream(PayloadType.FLAG).length).toBe(1);
  expect(agent.closedByClient).toBe(1);
  expect(agent.clock.pending).toBe(0);
});

test('while it is opened as well, and before', async () => {
  const agent = new ScriptedAgent();
  const abort = new AbortController();
  const opening = Session.open(agent.props({ signal: abort.signal }));
  opening.catch(() => undefined);
  await agent.clock.advance(10);
  abort.abort();
  await expect(opening).rejects.toBeInstanceOf(SessionAbortedError);
  expect(agent.closedByClient).toBe(1);
  await expect(Session.open(agent.props({ signal: abort.signal }))).rejects.toBeInstanceOf(SessionAbortedError);
  expect(agent.connections).toBe(1);
  expect(agent.clock.pending).toBe(0);
});

test('a connection that is made after one has given up is let go of', async () => {
  const agent = new ScriptedAgent();
  const abort = new AbortController();
  let made: (() => void) | undefined;
  const opening = Session.open(agent.props({
    signal: abort.signal,
    connect: async (url, events) => {
      await new Promise<void>(resolve => { made = resolve; });
      return agent.connect(url, events);
    },
  }));
  opening.catch(() => undefined);
  await agent.clock.advance(10);
  abort.abort();
  made?.();
  await agent.clock.advance(10);
  expect(agent.closedByClient).toBe(1);
  await expect(opening).rejects.toBeInstanceOf(SessionAbortedError);
});

test('the signal of a session that is over is not listened to any more', async () => {
  const abort = new AbortController();
  const { agent, end } = await listening({ signal: abort.signal });
  agent.say(MessageType.CHANNEL_CLOSED, {});
  expect(getEventListeners(abort.signal, 'abort').length).toBe(1);
  await agent.clock.advance(1000);
  expect(getEventListeners(abort.signal, 'abort').length).toBe(0);
  abort.abort();
  expect(end.how).toBe('ended: ');
  expect(agent.stream(PayloadType.FLAG)).toEqual([]);
});

test('a connection that breaks before the session is open is why it is not', async () => {
  const agent = new ScriptedAgent();
  const opening = Session.open(agent.props());
  opening.catch(() => undefined);
  await agent.clock.advance(0);
  agent.cut('code 1006');
  await expect(opening).rejects.toBeInstanceOf(SessionOpenError);
  await expect(opening).rejects.toThrow('could not be opened: the connection was lost: code 1006');
});
