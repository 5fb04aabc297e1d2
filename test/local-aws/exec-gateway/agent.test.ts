import { createHash } from 'node:crypto';
import { makeSession, startSession } from './sessions';
import { REAL_AGENT } from '../../../local-aws/exec-gateway/agent/quirks';
import type { Connect } from '../../../src/runtime/exec/session/transport';
import { MessageType, PayloadType } from '../../../src/runtime/exec/wire';

const SIZE = Buffer.from(JSON.stringify({ cols: 120, rows: 40 }));

describe('the handshake', () => {
  test('asks for an interactive command, and completes when the client has answered', async () => {
    const { client, terminal } = await startSession();
    expect(client.request).toEqual({
      AgentVersion: expect.stringMatching(/^3\.\d+\.\d+\.\d+$/),
      RequestedClientActions: [{ ActionType: 'SessionType', ActionParameters: { SessionType: 'InteractiveCommands', Properties: null } }],
    });
    expect(client.complete).toEqual({ HandshakeTimeToComplete: expect.any(Number), CustomerMessage: '' });
    expect(client.heard[0]).toMatchObject({ messageType: MessageType.OUTPUT_STREAM_DATA, sequenceNumber: 0, flags: 1 });
    expect(terminal.started).toBe(true);
  });

  test('ends the session where nobody answers', async () => {
    const { client, clock, token, terminal } = makeSession();
    client.answers = false;
    await client.connect(token);
    await clock.advance(14_900);
    expect(client.closed).toBeUndefined();
    await clock.advance(200);
    expect(client.closed?.Output).toBe('Encountered error while initiating handshake. Handshake timed out. '
      + 'Please ensure that you have the latest version of the session manager plugin.');
    expect(terminal.started).toBe(false);
  });

  test('keeps what was typed before its end for the program', async () => {
    const { client, clock, token, terminal } = makeSession();
    client.answers = false;
    await client.connect(token);
    await clock.advance(10);
    client.sendNumbered(1, PayloadType.OUTPUT, Buffer.from('early'));
    await clock.advance(10);
    expect(terminal.typed.toString()).toBe('');
    client.sendNumbered(0, PayloadType.HANDSHAKE_RESPONSE, Buffer.from(JSON.stringify({
      ClientVersion: '1', ProcessedClientActions: [{ ActionType: 'SessionType', ActionStatus: 1, ActionResult: null, Error: '' }], Errors: null,
    })));
    await clock.advance(10);
    expect(terminal.typed.toString()).toBe('early');
  });

  test('tells the client what the program could not be started for', async () => {
    const { client, clock, token, terminal } = makeSession();
    terminal.failure = 'Unable to start command: there is no such file';
    await client.connect(token);
    await clock.advance(100);
    expect(client.closed?.Output).toBe('Unable to start command: there is no such file');
  });

  test('lets nobody in without the token', async () => {
    const { client, clock } = makeSession();
    await client.connect('another');
    await clock.advance(100);
    expect(client.losses).toBe(1);
    expect(client.heard).toEqual([]);
  });
});

describe('encryption', () => {
  const plain = Buffer.from(Array.from({ length: 64 }, (_, index) => index));
  const encryption = {
    keyId: 'arn:aws:kms:us-east-1:000000000000:key/k',
    decryptDataKey: async (encrypted: Buffer) => {
      if (encrypted.toString() !== 'wrapped') throw new Error('AccessDeniedException');
      return plain;
    },
  };

  test('begins with a challenge, and encrypts the output and the input', async () => {
    const { client, clock, token, terminal } = makeSession({ encryption });
    client.dataKey = { plain, encrypted: Buffer.from('wrapped') };
    await client.connect(token);
    await clock.until(() => client.complete !== undefined, 1000);
    expect(client.complete?.CustomerMessage).toBe('This session is encrypted using AWS KMS.');
    client.type('secret input');
    terminal.show('secret output');
    await clock.advance(20);
    expect(terminal.typed.toString()).toBe('secret input');
    expect(client.output.toString()).toBe('secret output');
    const sent = client.heard.filter(({ payloadType }) => payloadType === PayloadType.OUTPUT);
    expect(Buffer.concat(sent.map(({ payload }) => payload)).includes('secret')).toBe(false);
  });

  test('ends the session where the client has another key', async () => {
    const { client, clock, token } = makeSession({ encryption });
    client.dataKey = { plain: Buffer.alloc(64, 9), encrypted: Buffer.from('wrapped') };
    // This client decrypts nothing with a wrong key; one that answers with nonsense is what the agent sees.
    client.answers = false;
    await client.connect(token);
    await clock.advance(10);
    const { keyId } = encryption;
    expect(client.request?.RequestedClientActions).toContainEqual({ ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: keyId } });
    client.send(PayloadType.HANDSHAKE_RESPONSE, Buffer.from(JSON.stringify({
      ClientVersion: '1',
      Errors: null,
      ProcessedClientActions: [{
        ActionType: 'KMSEncryption', ActionStatus: 1, Error: '', ActionResult: { KMSCipherTextKey: Buffer.from('other').toString('base64') },
      }],
    })));
    await clock.advance(10);
    expect(client.closed?.Output).toBe('Encountered error while initiating handshake. Fetching data key failed: AccessDeniedException');
  });

  test('ends the session where the client could not get a key', async () => {
    const { client, clock, token } = makeSession({ encryption });
    client.kmsFails = true;
    await client.connect(token);
    await clock.advance(10);
    expect(client.closed?.Output).toBe('Encountered error while initiating handshake. KMSEncryption failed on client with status 2 error: no such key');
  });
});

describe('input', () => {
  test('reaches the program once, in order and acknowledged, however it arrives', async () => {
    const { client, clock, terminal } = await startSession();
    client.sendNumbered(3, PayloadType.OUTPUT, Buffer.from('c'));
    client.sendNumbered(2, PayloadType.OUTPUT, Buffer.from('b'));
    client.sendNumbered(2, PayloadType.OUTPUT, Buffer.from('b'));
    client.sendNumbered(1, PayloadType.OUTPUT, Buffer.from('a'));
    client.sendNumbered(1, PayloadType.OUTPUT, Buffer.from('a'));
    await clock.advance(50);
    expect(terminal.typed.toString()).toBe('abc');
    expect(client.heard.filter(({ messageType }) => messageType === MessageType.ACKNOWLEDGE)).toHaveLength(6);
    expect(client.owed).toBe(0);
  });

  test('is held back while the program does not read', async () => {
    const { client, clock, terminal } = await startSession();
    terminal.takesMore = false;
    client.type('1');
    client.type('2');
    await clock.advance(50);
    expect(terminal.typed.toString()).toBe('1');
    terminal.drain();
    expect(terminal.typed.toString()).toBe('12');
  });

  test('waits until the program has started, and until the terminal has its new size', async () => {
    const { client, clock, terminal, token } = makeSession();
    let proceed = () => {};
    const wait = () => {
      terminal.waitsFor = new Promise(resolve => proceed = resolve);
    };
    wait();
    await client.connect(token);
    await clock.until(() => client.complete !== undefined, 1000);
    client.type('first ');
    await clock.advance(50);
    expect(terminal.typed.toString()).toBe('');
    proceed();
    await clock.advance(1);
    expect(terminal.typed.toString()).toBe('first ');
    wait();
    client.send(PayloadType.SIZE, SIZE);
    client.type('second');
    await clock.advance(50);
    expect([terminal.sizes.length, terminal.typed.toString()]).toEqual([1, 'first ']);
    proceed();
    await clock.advance(1);
    expect(terminal.typed.toString()).toBe('first second');
  });

  test('changes the size of the terminal', async () => {
    const { client, clock, terminal } = await startSession();
    client.send(PayloadType.SIZE, SIZE);
    client.send(PayloadType.SIZE, Buffer.from('no JSON'));
    client.type('after');
    await clock.advance(50);
    expect(terminal.sizes).toEqual([{ cols: 120, rows: 40 }]);
    expect(terminal.typed.toString()).toBe('after');
  });

  test('ends the session with the flag for that', async () => {
    const { client, clock, terminal } = await startSession();
    client.send(PayloadType.FLAG, Buffer.from([0, 0, 0, 2]));
    await clock.advance(50);
    expect(client.closed).toMatchObject({ SessionId: 's-1', Output: '' });
    expect(terminal.wasHungUp).toBe(true);
  });

  test('that is no message is complained of, and comes again', async () => {
    const complaints: string[] = [];
    let spoilt = false;
    const spoiling = (connect: Connect): Connect => async (url, events) => {
      const transport = await connect(url, events);
      return {
        ...transport,
        send: frame => {
          const copy = typeof frame === 'string' ? frame : Buffer.from(frame);
          if (!spoilt && typeof copy !== 'string' && copy.length === 121) {
            spoilt = true;
            copy[120]++;
          }
          transport.send(copy);
        },
      };
    };
    const { client, clock, terminal } = await startSession({ onComplaint: complaint => complaints.push(complaint) }, spoiling);
    client.type('x');
    await clock.advance(300);
    expect(complaints).toEqual([expect.stringContaining('SHA-256')]);
    expect(terminal.typed.toString()).toBe('x');
  });
});

describe('output', () => {
  test('is sent again until it is acknowledged', async () => {
    const { client, clock, terminal } = await startSession();
    client.acknowledges = false;
    terminal.show('once');
    await clock.advance(2000);
    const count = client.heard.filter(({ payloadType }) => payloadType === PayloadType.OUTPUT).length;
    expect(count).toBeGreaterThan(3);
    client.acknowledges = true;
    await clock.advance(2000);
    expect(client.output.toString()).toBe('once');
    expect(client.heard.filter(({ payloadType }) => payloadType === PayloadType.OUTPUT).length).toBeLessThan(count + 10);
  });

  test('is not read on while a megabyte of it is not acknowledged', async () => {
    const { client, clock, terminal } = await startSession();
    client.acknowledges = false;
    terminal.show(Buffer.alloc(3_000_000, 'x'));
    await clock.advance(5000);
    expect(terminal.unread).toBe(3_000_000 - 1024 * 1024);
    client.acknowledges = true;
    await clock.until(() => terminal.unread === 0, 60_000);
    await clock.advance(5000);
    expect(client.output).toHaveLength(3_000_000);
  });

  test('ends with the session, when all of it was acknowledged', async () => {
    const { client, clock, terminal, agent } = await startSession();
    client.acknowledges = false;
    terminal.show('the last words');
    terminal.end();
    await clock.advance(10_000);
    expect(client.closed).toBeUndefined();
    client.acknowledges = true;
    await clock.advance(2000);
    expect(client.output.toString()).toBe('the last words');
    expect(client.closed).toMatchObject({ MessageType: 'channel_closed', SessionId: 's-1', Output: '' });
    expect(await agent.closed).toBe('');
  });
});

describe('a lost connection', () => {
  test('is gone on with through a new token; nothing is lost or doubled', async () => {
    const { client, clock, terminal, channels, token } = await startSession();
    terminal.show('before ');
    await clock.advance(20);
    client.disconnect();
    await clock.advance(20);
    terminal.show('meanwhile ');
    await clock.advance(1000);
    const next = channels.resume('s-1');
    await client.connect(token);
    await clock.advance(20);
    expect(client.losses).toBe(1);
    await client.connect(next ?? '');
    terminal.show('after');
    client.type('still there');
    await clock.advance(50);
    expect(client.output.toString()).toBe('before meanwhile after');
    expect(terminal.typed.toString()).toBe('still there');
    expect(client.heard.filter(({ payloadType }) => payloadType === PayloadType.HANDSHAKE_REQUEST)).toHaveLength(1);
  });

  test('does not end the session of a client that has come back', async () => {
    const { client, clock, channels, agent } = await startSession({ goneMilliseconds: 60_000 });
    client.disconnect();
    await clock.advance(30_000);
    await client.connect(channels.resume('s-1') ?? '');
    await clock.advance(10 * 60_000);
    expect(agent.isOver).toBe(false);
  });

  test('ends the session when the client does not come back', async () => {
    const { client, clock, terminal, channels, agent } = await startSession({ goneMilliseconds: 60_000 });
    client.disconnect();
    await clock.advance(59_000);
    expect(agent.isOver).toBe(false);
    await clock.advance(2000);
    expect(agent.isOver).toBe(true);
    expect(terminal.wasHungUp).toBe(true);
    expect(channels.resume('s-1')).toBeUndefined();
  });
});

describe('the end', () => {
  test('comes after twenty minutes without a word', async () => {
    const { client, clock, terminal } = await startSession();
    await clock.advance(19 * 60_000);
    terminal.show('still here');
    await clock.advance(19 * 60_000);
    expect(client.closed).toBeUndefined();
    await clock.advance(61_000);
    expect(client.closed?.Output).toBe('Your session timed out due to inactivity and has been terminated.');
    expect(terminal.wasHungUp).toBe(true);
  });

  test('of a container is not told: the session falls silent, and times out', async () => {
    const { client, clock, terminal } = await startSession();
    // What was said before arrives.
    await clock.advance(1);
    terminal.lose();
    client.type('is anybody there?');
    const heard = client.heard.length;
    await clock.advance(19 * 60_000);
    expect(client.heard).toHaveLength(heard);
    expect(client.owed).toBe(1);
    await clock.advance(61_000);
    expect(client.closed?.Output).toBe('Your session timed out due to inactivity and has been terminated.');
  });

  test('leaves nothing that would happen later', async () => {
    const { clock, agent, client } = await startSession();
    agent.terminate();
    await clock.advance(70_000);
    expect(client.closed?.Output).toBe('');
    expect(clock.pending).toBe(0);
  });
});

describe('the real agent', () => {
  test('passes on a kilobyte each millisecond', async () => {
    const { client, clock, terminal } = await startSession({ quirks: REAL_AGENT });
    terminal.show(Buffer.alloc(1_000_000, 'x'));
    await clock.advance(500);
    expect(client.output.length).toBeGreaterThan(490 * 1024);
    expect(client.output.length).toBeLessThanOrEqual(500 * 1024);
  });

  test('loses the beginning of a character at the end, and two thirds of U+FFFD', async () => {
    const { client, clock, terminal } = await startSession({ quirks: REAL_AGENT });
    terminal.show(Buffer.from('ä\u{fffd}---', 'utf8'));
    await clock.advance(20);
    terminal.show(Buffer.from([0xe2, 0x82]));
    terminal.end();
    await clock.advance(3000);
    expect(client.output).toEqual(Buffer.concat([Buffer.from('ä'), Buffer.from([0xef]), Buffer.from('---')]));
    expect(client.closed).toBeDefined();
  });

  test('closes after two seconds, whatever was acknowledged', async () => {
    const { client, clock, terminal } = await startSession({ quirks: REAL_AGENT });
    client.acknowledges = false;
    terminal.show('last words');
    terminal.end();
    await clock.advance(1900);
    expect(client.closed).toBeUndefined();
    await clock.advance(200);
    expect(client.closed?.Output).toBe('');
  });

  test('can be told to have none of these habits', async () => {
    const { client, clock, terminal } = await startSession();
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index * 7919 % 256));
    terminal.show(bytes);
    terminal.end();
    await clock.advance(100);
    expect(createHash('sha256').update(client.output).digest('hex')).toBe(createHash('sha256').update(bytes).digest('hex'));
  });
});
