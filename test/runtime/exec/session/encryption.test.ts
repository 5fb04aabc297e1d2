import { randomBytes } from 'node:crypto';
import { ScriptedAgent } from './scripted-agent';
import { VirtualClock } from './virtual-clock';
import { NO_QUIRKS } from '../../../../local-aws/exec-gateway/agent/quirks';
import { DataChannels } from '../../../../local-aws/exec-gateway/service/data-channels';
import { DataKeyRequest, Session, SessionEncryptionError } from '../../../../src/runtime/exec/session';
import { SessionCipher } from '../../../../src/runtime/exec/session/session-cipher';
import { PayloadType } from '../../../../src/runtime/exec/wire';
import { memoryConnect } from '../../../local-aws/exec-gateway/memory-network';
import { ScriptedTerminal } from '../../../local-aws/exec-gateway/scripted-terminal';

const KEY = randomBytes(64);
const CIPHERTEXT = Buffer.from('the key as KMS has encrypted it');

/** What the agent uses: the same halves for the other directions. */
const AGENTS_CIPHER = new SessionCipher({ plaintext: Buffer.concat([KEY.subarray(32), KEY.subarray(0, 32)]) });

async function openEncrypted(agent: ScriptedAgent): Promise<Session> {
  const opening = Session.open(agent.props({ dataKey: async () => ({ plaintext: KEY, ciphertext: CIPHERTEXT }) }));
  await agent.clock.advance(0);
  agent.request('Standard_Stream', { ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: 'arn:key' } });
  agent.output(PayloadType.HANDSHAKE_COMPLETE, '{}');
  return opening;
}

test('a session with a key of its own, against the agent: the bytes arrive, and nobody in between could read them', async () => {
  const clock = new VirtualClock();
  const channels = new DataChannels();
  const terminal = new ScriptedTerminal();
  const { token } = channels.open({
    sessionId: 's-1',
    terminal,
    clock,
    quirks: NO_QUIRKS,
    encryption: {
      keyId: 'arn:key',
      decryptDataKey: async encrypted => {
        expect(encrypted).toEqual(CIPHERTEXT);
        return KEY;
      },
    },
  });
  const asked: DataKeyRequest[] = [];
  const wire: Buffer[] = [];
  const connect = memoryConnect(channels, clock);
  const opening = Session.open({
    sessionId: 's-1',
    targetId: 'ecs:cluster_task_container',
    streamUrl: 'wss://there/s-1',
    tokenValue: token,
    clientVersion: '1',
    clock,
    connect: async (url, events) => {
      const transport = await connect(url, {
        ...events,
        onFrame: frame => {
          wire.push(Buffer.from(frame));
          events.onFrame(frame);
        },
      });
      return {
        bufferedBytes: 0,
        close: () => transport.close(),
        send: frame => {
          wire.push(Buffer.from(frame));
          transport.send(frame);
        },
      };
    },
    dataKey: async request => {
      asked.push(request);
      return { plaintext: KEY, ciphertext: CIPHERTEXT };
    },
  });
  await clock.advance(100);
  const session = await opening;
  const heard: Buffer[] = [];
  session.onOutput(data => void heard.push(data));
  terminal.show('the secret that is shown');
  session.resize({ cols: 80, rows: 24 });
  await session.write(Buffer.from('the secret that is typed'));
  await clock.advance(100);
  terminal.end();
  await clock.advance(1000);
  await session.ended;
  expect(Buffer.concat(heard).toString()).toBe('the secret that is shown');
  expect(terminal.typed.toString()).toBe('the secret that is typed');
  expect(terminal.sizes).toEqual([{ cols: 80, rows: 24 }]);
  expect(asked).toEqual([{
    kmsKeyId: 'arn:key',
    encryptionContext: { 'aws:ssm:SessionId': 's-1', 'aws:ssm:TargetId': 'ecs:cluster_task_container' },
    numberOfBytes: 64,
  }]);
  expect(session.customerMessage).toContain('encrypted');
  expect(Buffer.concat(wire).includes('secret')).toBe(false);
  expect(Buffer.concat(wire).includes('"cols":80')).toBe(true);
});

test('what is shown is decrypted, on both streams', async () => {
  const agent = new ScriptedAgent();
  const session = await openEncrypted(agent);
  const heard: string[] = [];
  session.onOutput(data => void heard.push(data.toString()));
  agent.output(PayloadType.OUTPUT, AGENTS_CIPHER.encrypt(Buffer.from('out')));
  agent.output(PayloadType.STDERR, AGENTS_CIPHER.encrypt(Buffer.from('err')));
  await session.write(Buffer.from('in'));
  expect(heard).toEqual(['out', 'err']);
  expect(AGENTS_CIPHER.decrypt(agent.stream(PayloadType.OUTPUT)[0].payload).toString()).toBe('in');
});

test.each([
  ['in the clear', Buffer.from('in the clear, and long enough for a nonce and a tag')],
  ['shorter than a nonce and a tag', Buffer.from('short')],
  ['with another key', new SessionCipher({ plaintext: randomBytes(64) }).encrypt(Buffer.from('hello'))],
  ['with the client\'s own key', new SessionCipher({ plaintext: KEY }).encrypt(Buffer.from('hello'))],
])('what is sent %s ends the session with a typed error', async (_, payload) => {
  const agent = new ScriptedAgent();
  const session = await openEncrypted(agent);
  const heard: Buffer[] = [];
  session.onOutput(data => void heard.push(data));
  agent.output(PayloadType.OUTPUT, payload);
  await expect(session.ended).rejects.toBeInstanceOf(SessionEncryptionError);
  await expect(session.write(Buffer.from('x'))).rejects.toBeInstanceOf(SessionEncryptionError);
  expect(heard).toEqual([]);
});

test('each message has a nonce of its own', async () => {
  const cipher = new SessionCipher({ plaintext: KEY });
  const nonces = Array.from({ length: 1000 }, () => cipher.encrypt(Buffer.from('x')).subarray(0, 12).toString('hex'));
  expect(new Set(nonces).size).toBe(1000);
});
