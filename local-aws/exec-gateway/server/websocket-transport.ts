import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';

/** Of everything that is sent in one turn one write is made. */
export class WebsocketTransport implements Transport {
  private corked = false;

  public constructor(private readonly websocket: WebSocket, private readonly socket: Duplex) {}

  public get bufferedBytes(): number {
    return this.websocket.bufferedAmount;
  }

  public send(frame: string | Uint8Array): void {
    this.cork();
    this.websocket.send(frame, { binary: typeof frame !== 'string' });
  }

  /** Sends a binary frame in pieces that end at these places. */
  public sendSplit(frame: Uint8Array, at: number[]): void {
    this.cork();
    [0, ...at].forEach((from, index) => this.websocket.send(frame.subarray(from, at[index]), { binary: true, fin: index === at.length }));
  }

  public close(): void {
    this.websocket.close();
  }

  public listen(events: TransportEvents): void {
    this.websocket.on('message', (data: Buffer, isBinary: boolean) => events.onFrame(isBinary ? data : data.toString()));
    this.websocket.on('close', code => events.onClosed(`the websocket was closed with the code ${code}`));
    // An error is followed by the end, which says all that is of use here.
    this.websocket.on('error', () => undefined);
  }

  private cork(): void {
    if (!this.corked) {
      this.corked = true;
      this.socket.cork();
      setImmediate(() => {
        this.corked = false;
        this.socket.uncork();
      });
    }
  }
}
