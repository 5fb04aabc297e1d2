import http from 'node:http';
import { WebSocket } from 'ws';
import { Gateway, startGateway } from '../../../local-aws/exec-gateway/server/gateway';

const SECRET = 'the emulator knows it';
const told: string[] = [];
let gateway: Gateway;

beforeEach(async () => {
  told.length = 0;
  gateway = await startGateway(SECRET, what => told.push(what));
});

afterEach(() => gateway.close());

const control = (method: string, path: string, secret = SECRET, body?: object) => fetch(`http://127.0.0.1:${gateway.port}${path}`, {
  method, headers: { authorization: `Bearer ${secret}` }, body: body && JSON.stringify(body),
});

/** How the server answers a websocket; undefined where it takes it. */
async function refusal(path: string, headers: { [name: string]: string } = {}): Promise<number | undefined> {
  const websocket = new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, { headers });
  return new Promise((resolve, reject) => {
    websocket.on('open', () => {
      websocket.close();
      resolve(undefined);
    });
    websocket.on('unexpected-response', (_, response: http.IncomingMessage) => resolve(response.statusCode));
    websocket.on('error', reject);
  });
}

const REQUEST = { containerId: 'f'.repeat(64), command: 'true', target: 'ecs:c_t_r' };

test('nobody without the secret begins a session', async () => {
  for (const secret of ['', 'another', `${SECRET}!`]) {
    expect((await control('POST', '/sessions', secret, REQUEST)).status).toBe(403);
  }
  expect(told).toEqual([]);
});

test('a session has an id and a token; it is resumed with another token, and is over when it was ended', async () => {
  const first = await (await control('POST', '/sessions', SECRET, REQUEST)).json() as { sessionId: string; tokenValue: string };
  expect(first).toEqual({ sessionId: expect.stringMatching(/^ecs-execute-command-[0-9a-f]{17}$/), tokenValue: expect.stringMatching(/^[\w-]{64}$/) });
  const again = await (await control('POST', `/sessions/${first.sessionId}/resume`)).json() as { tokenValue: string };
  expect(again.tokenValue).toMatch(/^[\w-]{64}$/);
  expect(again.tokenValue).not.toBe(first.tokenValue);
  expect(await (await control('DELETE', `/sessions/${first.sessionId}`)).json()).toEqual({ terminated: true });
  expect(await (await control('POST', `/sessions/${first.sessionId}/resume`)).json()).toEqual({ tokenValue: null });
  expect(await (await control('POST', '/sessions/none/resume')).json()).toEqual({ tokenValue: null });
});

test('what is no request is answered with a sentence', async () => {
  const answer = await fetch(`http://127.0.0.1:${gateway.port}/sessions`, {
    method: 'POST', headers: { authorization: `Bearer ${SECRET}` }, body: 'no JSON',
  });
  expect(answer.status).toBe(400);
  expect((await control('GET', '/sessions')).status).toBe(404);
});

test('a websocket is for a data channel, and not for a page in a browser', async () => {
  expect(await refusal('/v1/data-channel/ecs-execute-command-0123?role=publish_subscribe')).toBeUndefined();
  expect(await refusal('/sessions')).toBe(404);
  expect(await refusal('/v1/data-channel/ecs-execute-command-0123', { Origin: 'http://example.com' })).toBe(404);
});

test('a connection without the right token is closed', async () => {
  const { sessionId } = await (await control('POST', '/sessions', SECRET, REQUEST)).json() as { sessionId: string };
  const websocket = new WebSocket(`ws://127.0.0.1:${gateway.port}/v1/data-channel/${sessionId}`);
  const heard: unknown[] = [];
  websocket.on('message', message => heard.push(message));
  await new Promise(resolve => websocket.on('open', resolve));
  websocket.send(JSON.stringify({ TokenValue: 'a guess' }));
  await new Promise(resolve => websocket.on('close', resolve));
  expect(heard).toEqual([]);
});

test('it listens on the loopback interface only', () => {
  expect(gateway.address).toBe('127.0.0.1');
});

test('a page in a browser reaches neither a session nor the control, whatever it knows', async () => {
  const { sessionId } = await (await control('POST', '/sessions', SECRET, REQUEST)).json() as { sessionId: string };
  const foreign: Array<{ [name: string]: string }> = [
    { Origin: 'http://example.com' }, { Origin: 'null' }, { Host: 'example.com' }, { Host: `localhost.example.com:${gateway.port}` },
    { 'Sec-Fetch-Site': 'cross-site' },
  ];
  for (const headers of foreign) {
    expect(await refusal(`/v1/data-channel/${sessionId}`, headers)).toBe(404);
    expect(await status('POST', `/sessions/${sessionId}/resume`, { ...headers, Authorization: `Bearer ${SECRET}` })).toBe(403);
  }
  expect(await status('POST', `/sessions/${sessionId}/resume`, { Host: 'localhost', Authorization: `Bearer ${SECRET}` })).toBe(200);
});

/** fetch() does not let its caller choose the host. */
async function status(method: string, path: string, headers: { [name: string]: string }): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    http.request({ host: '127.0.0.1', port: gateway.port, method, path, headers }, response => {
      response.resume();
      resolve(response.statusCode);
    }).on('error', reject).end();
  });
}
