// Stands between a client and the gateway, and knows when the client has connected.
import { once } from 'node:events';
import net from 'node:net';

export class Relay {
  static async to(port) {
    const relay = new Relay();
    relay.server = net.createServer({ noDelay: true }, (client) => {
      relay.connectedAt ??= process.hrtime.bigint();
      const gateway = net.connect({ port, host: '127.0.0.1', noDelay: true });
      for (const [from, to] of [[client, gateway], [gateway, client]]) from.on('error', () => to.destroy()).pipe(to);
    }).listen(0, '127.0.0.1');
    await once(relay.server, 'listening');
    return relay;
  }

  /** The address of a session by way of here; what is known of an earlier connection is forgotten. */
  address(session) {
    this.connectedAt = undefined;
    const url = new URL(session.StreamUrl);
    url.port = this.server.address().port;
    return { ...session, StreamUrl: url.href };
  }

  /** Milliseconds from the connection to a moment of the system's monotonic clock, in seconds. */
  msUntil(moment) {
    return moment * 1000 - Number(this.connectedAt) / 1e6;
  }

  stop() {
    this.server.close();
  }
}
