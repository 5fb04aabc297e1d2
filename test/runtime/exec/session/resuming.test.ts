import { ScriptedAgent } from './scripted-agent';
import { ResumeRefusedError, SessionExpiredError, SessionLostError, Transport } from '../../../../src/runtime/exec/session';
import { MessageType, PayloadType } from '../../../../src/runtime/exec/wire';

const OTHER = { streamUrl: 'wss://there/again', tokenValue: 'another token' };

test('a connection that breaks is made again, with the address and the token that the service gives', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => OTHER });
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  agent.output(PayloadType.OUTPUT, 'a');
  agent.cut();
  await agent.clock.advance(1000);
  expect(agent.connections).toBe(2);
  expect(agent.urls).toEqual(['wss://there/s-1', 'wss://there/again']);
  expect(agent.openings.map(({ TokenValue: token }) => token)).toEqual(['token', 'another token']);
  expect(new Set(agent.openings.map(({ ClientId: id }) => id)).size).toBe(1);
  expect(new Set(agent.openings.map(({ RequestId: id }) => id)).size).toBe(2);
  agent.output(PayloadType.OUTPUT, 'b');
  await session.write(Buffer.from('x'));
  expect(heard).toEqual(['a', 'b']);
  expect(agent.typed).toEqual(['x']);
});

test('what was not acknowledged goes out again, and what was typed meanwhile after it', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => OTHER });
  agent.acknowledges = false;
  await session.write(Buffer.from('a'));
  await session.write(Buffer.from('b'));
  agent.acknowledge(1);
  agent.cut();
  let written = false;
  const writing = session.write(Buffer.from('c')).then(() => { written = true; });
  await agent.clock.advance(50);
  expect(written).toBe(false);
  await agent.clock.advance(100);
  await writing;
  expect(agent.typed).toEqual(['a', 'b', 'b', 'c']);
});

test('what comes again over the new connection is acknowledged again', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => OTHER });
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  agent.output(PayloadType.OUTPUT, 'a');
  agent.cut();
  await agent.clock.advance(1000);
  agent.output(PayloadType.OUTPUT, 'a', { sequenceNumber: 2 });
  expect(heard).toEqual(['a']);
  expect(agent.acknowledged.slice(-1)).toEqual([2]);
});

test('it is tried eight times, with pauses that double up to 5 s, and then the session is lost', async () => {
  const agent = new ScriptedAgent();
  const times: number[] = [];
  const session = await agent.open({
    resume: async () => {
      times.push(agent.clock.now());
      throw new Error(`no way ${times.length}`);
    },
  });
  const start = agent.clock.now();
  agent.cut('gone');
  await agent.clock.advance(60_000);
  expect(times.map(time => time - start)).toEqual([100, 300, 700, 1500, 3100, 6300, 11300, 16300]);
  await expect(session.ended).rejects.toBeInstanceOf(SessionLostError);
  await expect(session.ended).rejects.toThrow('no way 8 (tried 8 times)');
  expect(agent.clock.pending).toBe(0);
});

test('what is refused for good is not tried again', async () => {
  const agent = new ScriptedAgent();
  let times = 0;
  const session = await agent.open({
    resume: async () => {
      times++;
      throw new ResumeRefusedError('not allowed', { cause: new Error('what AWS has said') });
    },
  });
  agent.cut('gone');
  await agent.clock.advance(60_000);
  expect(times).toBe(1);
  await expect(session.ended).rejects.toBeInstanceOf(SessionLostError);
  await expect(session.ended).rejects.toMatchObject({ why: 'not allowed', cause: new Error('what AWS has said') });
  expect(agent.clock.pending).toBe(0);
});

test('a connection that is made and breaks at once counts as a try', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({
    resume: async () => {
      agent.clock.after(10, () => agent.cut('again'));
      return OTHER;
    },
  });
  agent.cut();
  await agent.clock.advance(120_000);
  expect(agent.connections).toBe(9);
  await expect(session.ended).rejects.toThrow('the connection was lost: again (tried 8 times)');
});

test('one over which something is heard begins the counting anew', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => OTHER });
  for (let time = 0; time < 20; time++) {
    agent.cut();
    await agent.clock.advance(150);
    agent.say(MessageType.START_PUBLICATION);
  }
  expect(agent.connections).toBe(21);
  await session.write(Buffer.from('x'));
});

test('a service that says that the session is over is believed at once', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => undefined });
  agent.cut();
  await agent.clock.advance(1000);
  await expect(session.ended).rejects.toBeInstanceOf(SessionExpiredError);
  await expect(session.ended).rejects.toThrow('the service says that the session is over');
  expect(agent.clock.pending).toBe(0);
});

test('without anyone to ask the session is lost with its connection', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open();
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  agent.output(PayloadType.OUTPUT, 'a');
  agent.cut('code 1006');
  await expect(session.ended).rejects.toBeInstanceOf(SessionLostError);
  await expect(session.ended).rejects.toThrow('the session s-1 was lost: the connection was lost: code 1006.');
  expect(heard).toEqual(['a']);
  await expect(session.write(Buffer.from('x'))).rejects.toBeInstanceOf(SessionLostError);
});

test('an answer that never comes is not waited for, and one that comes too late is let go of', async () => {
  const agent = new ScriptedAgent();
  let connect = agent.connect;
  const late: Array<() => void> = [];
  const closed: string[] = [];
  const session = await agent.open({ resume: async () => OTHER, connect: (url, events) => connect(url, events) });
  connect = () => new Promise(resolve => {
    late.push(() => resolve({ bufferedBytes: 0, send: () => undefined, close: () => void closed.push('closed') } satisfies Transport));
    connect = agent.connect;
  });
  agent.cut();
  await agent.clock.advance(100);
  expect(late.length).toBe(1);
  await agent.clock.advance(15_000 + 200);
  expect(agent.connections).toBe(2);
  late[0]();
  await agent.clock.advance(0);
  expect(closed).toEqual(['closed']);
  await session.write(Buffer.from('x'));
  expect(agent.typed).toEqual(['x']);
});

test('a pause of publication ends with its connection', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => OTHER });
  agent.say(MessageType.PAUSE_PUBLICATION);
  const writing = session.write(Buffer.from('a'));
  agent.cut();
  await agent.clock.advance(1000);
  await writing;
  expect(agent.typed).toEqual(['a']);
});

test('a break during the handshake is no end', async () => {
  const agent = new ScriptedAgent();
  const opening = agent.open({ resume: async () => OTHER });
  agent.acknowledges = false;
  agent.cut();
  await agent.clock.advance(1000);
  agent.request('Standard_Stream');
  agent.output(PayloadType.HANDSHAKE_COMPLETE, '{}');
  await agent.clock.advance(1000);
  await (await opening).write(Buffer.from('x'));
});

test('time without a connection is no time without an acknowledgement', async () => {
  const agent = new ScriptedAgent();
  const session = await agent.open({ resume: async () => OTHER });
  agent.acknowledges = false;
  await session.write(Buffer.from('a'));
  agent.refusals.push(...Array(6).fill('no network'));
  agent.cut();
  await agent.clock.advance(11_000);
  expect(agent.typed).toEqual(['a']);
  await agent.clock.advance(400);
  expect(agent.typed.slice(0, 2)).toEqual(['a', 'a']);
});
