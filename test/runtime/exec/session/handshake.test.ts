import { ScriptedAgent } from './scripted-agent';
import {
  Session, SessionEncryptionError, SessionOpenError, SessionOpenTimeoutError, SessionRefusedError,
} from '../../../../src/runtime/exec/session';
import { HandshakeResponse, MalformedMessageError, MessageType, PayloadType } from '../../../../src/runtime/exec/wire';

const KMS = { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'arn:key' } };

/** Opens a session as far as to the agent's request. */
async function request(agent: ScriptedAgent, more: Parameters<ScriptedAgent['props']>[0], sessionType: string, ...actions: object[]) {
  const opening = Session.open(agent.props(more));
  opening.catch(() => undefined);
  await agent.clock.advance(0);
  agent.request(sessionType, ...actions);
  await agent.clock.advance(0);
  const [answer] = agent.stream(PayloadType.HANDSHAKE_RESPONSE);
  return { opening, response: JSON.parse(answer.payload.toString()) as HandshakeResponse };
}

/** What the opening fails with. */
async function failure(agent: ScriptedAgent, opening: Promise<unknown>, within = 2000): Promise<Error> {
  const error = opening.then(() => new Error('it has opened'), (thrown: Error) => thrown);
  await agent.clock.advance(within);
  return error;
}

test.each(['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands'])('a session of the type %s is a terminal', async type => {
  const agent = new ScriptedAgent();
  const { opening, response } = await request(agent, {}, type);
  expect(response).toEqual({
    ClientVersion: '1.2.3',
    ProcessedClientActions: [{ ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' }],
    Errors: null,
  });
  agent.output(PayloadType.HANDSHAKE_COMPLETE, JSON.stringify({ HandshakeTimeToComplete: 5, CustomerMessage: 'be careful' }));
  const session = await opening;
  expect(session.customerMessage).toBe('be careful');
  expect(session.agentVersion).toBe('3.3.1802.0');
  expect(session.sessionId).toBe('s-1');
});

test.each(['Port', 'Something'])('one of the type %s is refused, and the agent hears why', async type => {
  const agent = new ScriptedAgent();
  const { opening, response } = await request(agent, {}, type);
  expect(response.ProcessedClientActions[0].ActionStatus).toBe(2);
  expect(response.Errors).toEqual([expect.stringContaining(type)]);
  const error = await failure(agent, opening);
  expect(error).toBeInstanceOf(SessionRefusedError);
  expect(error.message).toContain(`the type of the session is ${type}`);
  expect(agent.closedByClient).toBe(1);
});

test('a refusal ends even where the agent does not acknowledge it', async () => {
  const agent = new ScriptedAgent();
  agent.acknowledges = false;
  const { opening } = await request(agent, {}, 'Port');
  expect(await failure(agent, opening)).toBeInstanceOf(SessionRefusedError);
  expect(agent.clock.pending).toBe(0);
});

test.each([
  ['ends the session', (agent: ScriptedAgent) => agent.say(MessageType.CHANNEL_CLOSED, { Output: 'SessionType failed on client' })],
  ['is gone', (agent: ScriptedAgent) => agent.cut()],
])('a refusal is why there is no session, where the agent %s instead of acknowledging it', async (_what, end) => {
  const agent = new ScriptedAgent();
  agent.acknowledges = false;
  const { opening } = await request(agent, {}, 'Port');
  end(agent);
  const error = await failure(agent, opening);
  expect(error).toBeInstanceOf(SessionRefusedError);
  expect(error.message).toBe('the session s-1 could not be opened: the type of the session is Port, and this client has terminals only '
    + '(Standard_Stream, InteractiveCommands, NonInteractiveCommands)');
});

test('what is not known is said to be unsupported, and the agent decides', async () => {
  const agent = new ScriptedAgent();
  const { opening, response } = await request(agent, {}, 'Standard_Stream', { ActionType: 'Dance', ActionParameters: {} });
  expect(response.ProcessedClientActions[1]).toEqual({
    ActionType: 'Dance', ActionStatus: 3, ActionResult: null, Error: 'Unsupported action Dance',
  });
  expect(response.Errors).toEqual(['Unsupported action Dance']);
  agent.output(PayloadType.HANDSHAKE_COMPLETE, '{}');
  expect((await opening).customerMessage).toBe('');
});

test('an agent that does not shake hands begins with what it shows', async () => {
  const agent = new ScriptedAgent();
  const opening = Session.open(agent.props());
  await agent.clock.advance(0);
  agent.output(PayloadType.OUTPUT, 'sh-4.2$ ');
  const session = await opening;
  const shown: string[] = [];
  session.onOutput(data => void shown.push(data.toString()));
  await agent.clock.advance(0);
  expect(shown).toEqual(['sh-4.2$ ']);
});

test('encryption needs someone who asks KMS', async () => {
  const agent = new ScriptedAgent();
  const { opening, response } = await request(agent, {}, 'Standard_Stream', KMS);
  expect(response.ProcessedClientActions[1].ActionStatus).toBe(2);
  const error = await failure(agent, opening);
  expect(error).toBeInstanceOf(SessionRefusedError);
  expect(error.message).toContain('arn:key');
});

test('what KMS says is said', async () => {
  const denied = new Error('not authorized to perform kms:GenerateDataKey');
  const agent = new ScriptedAgent();
  const { opening, response } = await request(agent, { dataKey: () => Promise.reject(denied) }, 'Standard_Stream', KMS);
  expect(response.Errors).toEqual([expect.stringContaining(denied.message)]);
  const error = await failure(agent, opening);
  expect(error).toBeInstanceOf(SessionRefusedError);
  expect(error.message).toContain(denied.message);
  expect(error.cause).toBe(denied);
});

test('a key of the wrong length is none', async () => {
  const agent = new ScriptedAgent();
  const dataKey = async () => ({ plaintext: Buffer.alloc(32), ciphertext: Buffer.alloc(9) });
  const { opening } = await request(agent, { dataKey }, 'Standard_Stream', KMS);
  expect((await failure(agent, opening)).message).toContain('has 32 bytes: ask KMS for one of 64');
});

test('a challenge without encryption is a failure', async () => {
  const agent = new ScriptedAgent();
  const { opening } = await request(agent, {}, 'Standard_Stream');
  agent.output(PayloadType.ENCRYPTION_CHALLENGE_REQUEST, JSON.stringify({ Challenge: 'AAAA' }));
  expect(await failure(agent, opening)).toBeInstanceOf(SessionEncryptionError);
});

test('a request that is no JSON is a failure with a type', async () => {
  const agent = new ScriptedAgent();
  const opening = Session.open(agent.props());
  opening.catch(() => undefined);
  await agent.clock.advance(0);
  agent.output(PayloadType.HANDSHAKE_REQUEST, 'hello');
  expect(await failure(agent, opening)).toBeInstanceOf(MalformedMessageError);
});

test('an agent that says nothing is not waited for longer than was given', async () => {
  const agent = new ScriptedAgent();
  const opening = Session.open(agent.props({ openTimeoutMs: 5000 }));
  opening.catch(() => undefined);
  await agent.clock.advance(4999);
  expect(agent.closedByClient).toBe(0);
  const error = await failure(agent, opening, 1);
  expect(error).toBeInstanceOf(SessionOpenTimeoutError);
  expect(error.message).toContain('within 5 s');
  expect(agent.closedByClient).toBe(1);
  expect(agent.clock.pending).toBe(0);
});

test('a session that is closed before it is open says what the service says', async () => {
  const agent = new ScriptedAgent();
  const opening = Session.open(agent.props());
  opening.catch(() => undefined);
  await agent.clock.advance(0);
  agent.say(MessageType.CHANNEL_CLOSED, { Output: 'the token has expired' });
  const error = await failure(agent, opening);
  expect(error).toBeInstanceOf(SessionOpenError);
  expect(error.message).toContain('the token has expired');
});

test('a connection that cannot be made says why', async () => {
  const agent = new ScriptedAgent();
  agent.refusals.push('getaddrinfo ENOTFOUND there');
  const error = await failure(agent, Session.open(agent.props()));
  expect(error).toBeInstanceOf(SessionOpenError);
  expect(error.message).toBe('the session s-1 could not be opened: getaddrinfo ENOTFOUND there');
});
