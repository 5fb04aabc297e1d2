import { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { VirtualClock } from './session/virtual-clock';
import { Transport } from '../../../src/runtime/exec/session/transport';
import { SessionConnectionError, WEB_SOCKET_LIMITS, webSocketConnect, WebSocketLimits } from '../../../src/runtime/exec/websocket-transport';
import { errorOf } from '../server/fake-server';

let server: WebSocketServer;
let transport: Transport | undefined;
let frames: (string | Buffer)[];
let closed: Promise<string>;
const peers: WebSocket[] = [];

async function serve(options: object = {}): Promise<string> {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  server.on('connection', peer => peers.push(peer));
  await new Promise(resolve => server.once('listening', resolve));
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function connect(url: string, limits: Partial<WebSocketLimits> = {}, clock?: VirtualClock): Promise<Transport> {
  frames = [];
  let close: (why: string) => void;
  closed = new Promise((resolve) => { close = resolve; });
  const events = { onFrame: (frame: string | Buffer) => void frames.push(frame), onClosed: (why: string) => close(why) };
  transport = await webSocketConnect({ ...WEB_SOCKET_LIMITS, ...limits }, clock)(url, events);
  return transport;
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

afterEach(() => {
  transport?.close();
  peers.splice(0).forEach(peer => peer.terminate());
  server?.close();
});

test('frames go both ways, text as text and bytes as bytes', async () => {
  const url = await serve();
  server.on('connection', (peer) => {
    // Before the client knows that it is connected.
    peer.send('first');
    peer.on('message', (data, isBinary) => peer.send(data, { binary: isBinary }));
  });
  const to = await connect(url);
  expect(frames).toEqual([]);
  to.send('text');
  to.send(Buffer.from([0, 255]));
  await until(() => frames.length === 3);
  expect(frames).toEqual(['first', 'text', Buffer.from([0, 255])]);
});

test('nothing is compressed', async () => {
  const url = await serve({ perMessageDeflate: true });
  await connect(url);
  await until(() => peers.length === 1);
  expect(peers[0].extensions).toBe('');
});

test('the other side says why it closes, or breaks off', async () => {
  const url = await serve();
  await connect(url);
  await until(() => peers.length === 1);
  peers[0].close(4001, 'idle');
  expect(await closed).toBe('the other side has closed it (4001: idle)');
  await connect(url);
  await until(() => peers.length === 2);
  peers[1].terminate();
  expect(await closed).toBe('it broke off');
});

test('what is let go of is not heard any more, and what is sent is lost', async () => {
  const url = await serve();
  const to = await connect(url);
  let heard = false;
  void closed.then(() => { heard = true; });
  to.close();
  to.send('lost');
  await until(() => server.clients.size === 0);
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(heard).toBe(false);
});

test('a frame that is too large ends the connection', async () => {
  const url = await serve();
  await connect(url);
  await until(() => peers.length === 1);
  peers[0].send(Buffer.alloc(WEB_SOCKET_LIMITS.frameBytes + 1));
  expect(await closed).toBe('Max payload size exceeded');
});

test('while it is paused nothing is read', async () => {
  const url = await serve();
  const to = await connect(url);
  await until(() => peers.length === 1);
  to.pause!();
  peers[0].send('later');
  await new Promise(resolve => setTimeout(resolve, 50));
  expect(frames).toEqual([]);
  to.resume!();
  await until(() => frames.length === 1);
});

describe('a sign of life', () => {
  const { pingMs, pongMs } = WEB_SOCKET_LIMITS;
  let clock: VirtualClock;
  beforeEach(() => { clock = new VirtualClock(); });

  /** Waits until a ping has come to the other side, and what that has answered is here: a frame that follows it is. */
  async function answered(pings: () => number, count: number): Promise<void> {
    await until(() => pings() === count);
    peers[0].send('after the pong');
    await until(() => frames.length === count);
  }

  test('is given again and again, and answered by one that lives', async () => {
    const url = await serve();
    let pings = 0;
    server.on('connection', peer => peer.on('ping', () => { pings++; }));
    let gone = false;
    await connect(url, {}, clock);
    void closed.then(() => { gone = true; });
    for (let count = 1; count <= 4; count++) {
      await answered(() => pings, count);
      await clock.advance(pingMs);
    }
    expect(gone).toBe(false);
  });

  test('that is not answered any more means that the other side is gone', async () => {
    const url = await serve();
    let pings = 0;
    server.on('connection', peer => peer.on('ping', () => { pings++; }));
    await connect(url, {}, clock);
    await answered(() => pings, 1);
    peers[0].pause();
    await clock.advance(pingMs + pongMs);
    expect(await closed).toBe('nothing was heard of the other side within 30 s');
  });

  test('that was never answered means nothing', async () => {
    const url = await serve({ autoPong: false });
    let pings = 0;
    server.on('connection', peer => peer.on('ping', () => { pings++; }));
    let gone = false;
    await connect(url, {}, clock);
    void closed.then(() => { gone = true; });
    for (let count = 1; count <= 4; count++) {
      await until(() => pings === count);
      await clock.advance(pingMs);
    }
    expect(gone).toBe(false);
  });
});

describe('there is no connection', () => {
  test.each(['ws://example.test/', 'ws://127.0.0.1.example.test/', 'http://127.0.0.1/', 'ws://10.0.0.1/'])('where others could listen: %s', async (url) => {
    const error = await errorOf(connect(url));
    expect(error).toBeInstanceOf(SessionConnectionError);
    expect(error.message).toMatch(/where its token could be read on the way/);
  });

  test('where nothing answers, or says no', async () => {
    expect((await errorOf(connect('ws://127.0.0.1:1/'))).message).toMatch(/no connection to the session at 127\.0\.0\.1:1 \(connect ECONNREFUSED/);
    const url = await serve({ verifyClient: (_info: unknown, answer: (ok: boolean, code: number) => void) => answer(false, 403) });
    expect((await errorOf(connect(url))).message).toMatch(/Unexpected server response: 403/);
  });
});
