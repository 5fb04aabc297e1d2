import { isIP, type Socket } from 'node:net';
import type { ClientOptions, RawData, WebSocket } from 'ws';
import { VastRuntimeError } from '../errors';
import { Clock, SYSTEM_CLOCK } from './session/clock';
import { Connect, Transport, TransportEvents } from './session/transport';

/** What the tests have smaller than everybody else. */
export interface WebSocketLimits {
  /** Until the connection is there, in milliseconds. */
  readonly connectMs: number;

  /** Between two signs of life from here: what is in between forgets connections on which nothing moves. */
  readonly pingMs: number;

  /** How long the other side may take to answer one. */
  readonly pongMs: number;

  /** How long it may take to take leave. */
  readonly closeMs: number;

  /** The largest frame that is taken: the agent sends a kilobyte at a time, and nobody may fill our memory. */
  readonly frameBytes: number;
}

export const WEB_SOCKET_LIMITS: WebSocketLimits = {
  connectMs: 30_000,
  pingMs: 300_000,
  pongMs: 30_000,
  closeMs: 2000,
  frameBytes: 1024 * 1024,
};

/** A connection on which nothing moves is asked by the system whether it is still there, after so many milliseconds. */
const TCP_KEEP_ALIVE_MS = 30_000;

/** The connection of a session cannot be made. */
export class SessionConnectionError extends VastRuntimeError {
  public override readonly name = 'SessionConnectionError';
}

/**
 * Connects by websocket, directly: a proxy of the environment (`HTTPS_PROXY`) is not used, as it is not for the calls to
 * AWS that come before.
 *
 * Only TLS is spoken with other machines, since the first frame has the token of the session.
 */
export function webSocketConnect(limits: WebSocketLimits = WEB_SOCKET_LIMITS, clock: Clock = SYSTEM_CLOCK): Connect {
  return async (url, events) => {
    refuseOpenRoads(url);
    const { socket, connection } = await opened(url, limits);
    return new WebSocketTransport(socket, connection, events, limits, clock);
  };
}

/** Loads what a websocket takes: to be called while there is nothing else to do. */
export function loadWebSocket(): void {
  webSocketModule();
}

/** Loaded with the first session: whoever imports the package opens none, as a rule. */
function webSocketModule(): typeof import('ws') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('ws') as typeof import('ws');
}

function refuseOpenRoads(url: string): void {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const loopback = host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
  if (protocol !== 'wss:' && !(protocol === 'ws:' && loopback)) {
    throw new SessionConnectionError(`the session is said to be at ${protocol}//${host}, where its token could be read on the way: `
      + 'wss: is needed, but on this machine itself');
  }
}

/** A websocket, and the connection that it is on. */
interface OpenSocket {
  readonly socket: WebSocket;
  readonly connection: Socket;
}

async function opened(url: string, limits: WebSocketLimits): Promise<OpenSocket> {
  const ws = webSocketModule();
  const options: ClientOptions & { readonly closeTimeout: number } = {
    handshakeTimeout: limits.connectMs,
    closeTimeout: limits.closeMs,
    maxPayload: limits.frameBytes,
    // The other side does not offer it, and what is encrypted or random does not get smaller.
    perMessageDeflate: false,
  };
  const socket = new ws.WebSocket(url, options);
  return new Promise((resolve, reject) => {
    socket.once('error', error => reject(notConnected(url, error)));
    socket.once('upgrade', ({ socket: connection }) => {
      connection.setKeepAlive(true, TCP_KEEP_ALIVE_MS);
      socket.once('open', () => {
        socket.removeAllListeners('error');
        // Until whoever waits for the connection has it.
        socket.pause();
        resolve({ socket, connection });
      });
    });
  });
}

function notConnected(url: string, error: NodeJS.ErrnoException): SessionConnectionError {
  const advice = /CERT|^UNABLE_TO_|^ERR_TLS/.test(error.code ?? '')
    ? 'what answers there is not trusted. Is there a proxy in between? NODE_EXTRA_CA_CERTS names a file with more certificates'
    : 'check that this machine may connect to it';
  return new SessionConnectionError(`there is no connection to the session at ${new URL(url).host} (${error.message || error.code}): ${advice}`, { cause: error });
}

class WebSocketTransport implements Transport {
  private stopPinging?: () => void;
  private lastError: Error | undefined;
  private heard = true;
  /** Whether the other side has ever answered a ping: only then does its silence mean something. */
  private answers = false;
  private isClosed = false;
  private isPaused = false;
  private isCorked = false;

  public constructor(
    private readonly socket: WebSocket,
    private readonly connection: Socket,
    private readonly events: TransportEvents,
    private readonly limits: WebSocketLimits,
    private readonly clock: Clock,
  ) {
    socket.on('message', (data: RawData, isBinary: boolean) => {
      this.heard = true;
      events.onFrame(isBinary ? data as Buffer : (data as Buffer).toString());
    });
    socket.on('pong', () => {
      this.heard = true;
      this.answers = true;
    });
    socket.on('error', (error) => { this.lastError = error; });
    socket.on('close', (code, reason) => this.lost(this.lastError?.message ?? leave(code, reason.toString())));
    setImmediate(() => {
      if (!this.isPaused) {
        socket.resume();
      }
      // After what opens the session, for which the other side waits.
      this.ping();
    });
  }

  public get bufferedBytes(): number {
    return this.socket.bufferedAmount;
  }

  public send(frame: string | Uint8Array): void {
    if (this.socket.readyState === this.socket.OPEN) {
      this.cork();
      this.socket.send(frame, () => undefined);
    }
  }

  public pause(): void {
    this.isPaused = true;
    this.socket.pause();
  }

  public resume(): void {
    this.isPaused = false;
    // What it has answered meanwhile is to be read yet.
    this.heard = true;
    this.socket.resume();
  }

  public close(): void {
    this.isClosed = true;
    this.stopPinging?.();
    this.socket.close(1000);
  }

  /** All that is sent in one turn leaves in one piece: what came in one is acknowledged by many small frames. */
  private cork(): void {
    if (!this.isCorked) {
      this.isCorked = true;
      this.connection.cork();
      process.nextTick(() => {
        this.isCorked = false;
        this.connection.uncork();
      });
    }
  }

  private ping(): void {
    if (this.socket.readyState !== this.socket.OPEN) {
      return;
    }
    this.heard = false;
    this.socket.ping();
    this.stopPinging = this.clock.after(this.limits.pongMs, () => {
      if (this.answers && !this.heard && !this.isPaused) {
        this.lost(`nothing was heard of the other side within ${this.limits.pongMs / 1000} s`);
        this.socket.terminate();
        return;
      }
      this.stopPinging = this.clock.after(this.limits.pingMs - this.limits.pongMs, () => this.ping());
    });
  }

  private lost(why: string): void {
    this.stopPinging?.();
    if (!this.isClosed) {
      this.isClosed = true;
      this.events.onClosed(why);
    }
  }
}

/** Without a word of leave: 1006, which is never sent. */
const NO_LEAVE = 1006;

function leave(code: number, reason: string): string {
  return code === NO_LEAVE ? 'it broke off' : `the other side has closed it (${code}${reason && `: ${reason}`})`;
}
