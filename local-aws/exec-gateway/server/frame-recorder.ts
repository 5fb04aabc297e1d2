import { appendFileSync } from 'node:fs';
import type { Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';

/** Writes down every frame of a connection, as lines of JSON: for golden vectors of the codec. */
export function recording(transport: Transport, accept: (transport: Transport) => TransportEvents, file: string): TransportEvents {
  const write = (from: 'client' | 'agent', frame: string | Uint8Array) => appendFileSync(file, JSON.stringify(
    typeof frame === 'string' ? { from, text: frame } : { from, hex: Buffer.from(frame).toString('hex') }) + '\n');
  const events = accept({
    get bufferedBytes() { return transport.bufferedBytes; },
    send: frame => {
      write('agent', frame);
      transport.send(frame);
    },
    close: () => transport.close(),
  });
  return {
    onFrame: frame => {
      write('client', frame);
      events.onFrame(frame);
    },
    onClosed: why => events.onClosed(why),
  };
}
