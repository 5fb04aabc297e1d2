import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';

// Adding is the same as a bitwise or: the bits are distinct.
const FLAGS = constants.O_WRONLY + constants.O_APPEND + constants.O_CREAT + constants.O_NOFOLLOW;

/** Writes down every frame of a connection, as lines of JSON: for golden vectors of the codec. */
export function recording(transport: Transport, accept: (transport: Transport) => TransportEvents, file: string): TransportEvents {
  let isRecording = true;
  const write = (from: 'client' | 'agent', frame: string | Uint8Array) => {
    if (isRecording) {
      try {
        append(file, JSON.stringify(typeof frame === 'string' ? { from, text: frame } : { from, hex: Buffer.from(frame).toString('hex') }) + '\n');
      } catch (error) {
        // A full disk, or a link: the sessions go on without.
        isRecording = false;
        console.error(`the frames of this session are not recorded any more: ${(error as Error).message}`);
      }
    }
  };
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

/** The first frame has the session's token in it, so nobody else may read the file; and a link would lead elsewhere. */
function append(file: string, line: string): void {
  const descriptor = openSync(file, FLAGS, 0o600);
  try {
    writeSync(descriptor, line);
  } finally {
    closeSync(descriptor);
  }
}
