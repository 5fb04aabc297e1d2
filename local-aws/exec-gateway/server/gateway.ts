import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { Control } from './control';
import { isFromProgram } from './origin-check';
import { Sessions } from './sessions';
import { WebsocketTransport } from './websocket-transport';

/** Larger frames than any client sends. */
const LARGEST_FRAME = 16 * 1024 * 1024;

const DATA_CHANNEL = /^\/v1\/data-channel\/([\w-]+)(\?|$)/;

export interface Gateway {
  readonly address: string;
  readonly port: number;
  /** Ends all sessions, and what runs in them. */
  close(): Promise<void>;
}

/** Serves data channels and their control on a port of the loopback interface. */
export async function startGateway(secret: string, tell: (what: string) => void): Promise<Gateway> {
  const sessions = new Sessions(tell);
  const control = new Control(sessions, secret);
  const websockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_FRAME, perMessageDeflate: false });
  const server = http.createServer((request, response) => void control.answer(request, response));
  server.on('upgrade', (request, socket, head) => {
    const [, sessionId] = DATA_CHANNEL.exec(request.url ?? '') ?? [];
    if (sessionId === undefined || !isFromProgram(request)) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n');
      return;
    }
    websockets.handleUpgrade(request, socket, head, websocket => {
      const transport = new WebsocketTransport(websocket, socket);
      transport.listen(sessions.accept(sessionId, transport));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { address, port } = server.address() as AddressInfo;
  return {
    address,
    port,
    close: async () => {
      server.close();
      await sessions.close();
      websockets.clients.forEach(websocket => websocket.terminate());
    },
  };
}
