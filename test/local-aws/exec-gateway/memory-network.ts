import type { DataChannels } from '../../../local-aws/exec-gateway/service/data-channels';
import type { Clock } from '../../../src/runtime/exec/session/clock';
import type { Connect, Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';

/** Connections to the data channels within this process; each frame takes `latency` milliseconds. URLs end with the id of a session. */
export function memoryConnect(channels: Pick<DataChannels, 'accept'>, clock: Clock, latency = 1): Connect {
  return async (url, clientEvents) => {
    let open = true;
    let agentEvents: TransportEvents;
    const side = (heard: () => TransportEvents): Transport => ({
      bufferedBytes: 0,
      send: frame => {
        const copy = typeof frame === 'string' ? frame : Buffer.from(frame);
        if (open) clock.after(latency, () => open && heard().onFrame(copy));
      },
      close: () => {
        // As with a websocket: what was sent before arrives before the end does.
        clock.after(latency, () => {
          if (open) {
            open = false;
            heard().onClosed('the other side has closed it');
          }
        });
      },
    });
    agentEvents = channels.accept(url.split('/').at(-1) ?? '', side(() => clientEvents));
    return side(() => agentEvents);
  };
}
