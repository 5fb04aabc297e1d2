import { randomUUID } from 'node:crypto';
import { Faults } from './faults';
import { FaultyDirection } from './faulty-direction';
import { SeededRandom } from './seeded-random';
import type { Clock } from '../../../src/runtime/exec/session/clock';
import type { Connect, Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';
import { encodeMessage, MessageType } from '../../../src/runtime/exec/wire';

/** What happened to frames so far, by the names of the faults. */
export type FaultCounts = { [fault in 'drop' | 'duplicate' | 'reorder' | 'delay' | 'corrupt' | 'cut' | 'pause' | 'split']: number };

/** A connection as faults have made it. */
export interface FaultyConnection {
  readonly transport: Transport;
  readonly events: TransportEvents;
}

/** A transport that can send one message as several fragments. */
interface SplittingTransport extends Transport {
  sendSplit(frame: Uint8Array, at: number[]): void;
}

const PAYLOAD = 120;

/**
 * A network that loses, doubles and muddles what it carries: put between any transport and whoever hears it.
 *
 * Its chance goes on from one connection to the next, so that a session that was cut is not cut at the same place again.
 * Text frames, with which a connection opens, are spared.
 */
export class FaultyNetwork {
  public readonly counts: FaultCounts = { drop: 0, duplicate: 0, reorder: 0, delay: 0, corrupt: 0, cut: 0, pause: 0, split: 0 };

  /** How many messages of the stream a client has sent after it had been told to pause; they were lost. */
  public sentWhilePaused = 0;

  private readonly random: SeededRandom;
  private total = 0;

  public constructor(private readonly faults: Faults, private readonly clock: Clock) {
    this.random = new SeededRandom(faults.seed);
  }

  /** Puts the network in a client's way. */
  public connecting(connect: Connect): Connect {
    return async (url, events) => {
      let faulty: FaultyConnection | undefined;
      const early: Array<string | Buffer> = [];
      const transport = await connect(url, {
        onFrame: frame => faulty ? faulty.events.onFrame(frame) : early.push(frame),
        onClosed: why => (faulty?.events ?? events).onClosed(why),
      });
      faulty = this.between(transport, events, 'client');
      early.forEach(frame => faulty?.events.onFrame(frame));
      return faulty.transport;
    };
  }

  /**
   * Puts the network between a transport and its listener.
   *
   * @param here which side the listener is on
   */
  public between(transport: Transport, events: TransportEvents, here: 'client' | 'agent'): FaultyConnection {
    let over = false;
    let paused = false;
    const end = () => {
      over = true;
      outbound.end();
      inbound.end();
    };
    const outbound = new FaultyDirection(this.clock, frame => this.send(transport, frame));
    const inbound = new FaultyDirection(this.clock, frame => events.onFrame(frame));
    const [toClient, fromClient] = here === 'client' ? [inbound, outbound] : [outbound, inbound];
    const cut = () => {
      end();
      transport.close();
      events.onClosed('a fault has cut it');
    };
    const pause = () => {
      paused = true;
      toClient.pass(control(MessageType.PAUSE_PUBLICATION));
      this.clock.after(this.upTo(this.faults.pauseMilliseconds ?? 300), () => {
        paused = false;
        if (!over) toClient.pass(control(MessageType.START_PUBLICATION));
      });
    };
    const travel = (direction: FaultyDirection, frame: Buffer) => {
      if (paused && direction === fromClient && messageTypeOf(frame) === MessageType.INPUT_STREAM_DATA) {
        this.sentWhilePaused++;
      } else if (this.happens('cut')) {
        cut();
      } else {
        if (!paused && this.happens('pause')) pause();
        this.meet(direction, frame);
      }
    };
    return {
      transport: {
        get bufferedBytes() { return transport.bufferedBytes; },
        send: frame => {
          if (over) {
            return;
          } else if (typeof frame === 'string') {
            transport.send(frame);
          } else {
            travel(outbound, Buffer.from(frame));
          }
        },
        close: () => {
          // What was sent before is on its way, and gets there.
          outbound.hurry();
          end();
          transport.close();
        },
      },
      events: {
        onFrame: frame => {
          if (over) {
            return;
          } else if (typeof frame === 'string') {
            events.onFrame(frame);
          } else {
            travel(inbound, frame);
          }
        },
        onClosed: why => {
          if (!over) {
            end();
            events.onClosed(why);
          }
        },
      },
    };
  }

  private meet(direction: FaultyDirection, frame: Buffer): void {
    if (this.happens('drop')) {
      return;
    }
    if (this.happens('delay')) {
      direction.delay(this.upTo(this.faults.delayMilliseconds ?? 100));
    }
    if (frame.length > PAYLOAD && this.happens('corrupt')) {
      direction.pass(this.corrupted(frame));
    } else if (this.happens('reorder')) {
      direction.hold(frame, 1 + this.random.below(4));
    } else {
      direction.pass(frame);
    }
    if (this.happens('duplicate')) {
      direction.pass(frame);
    }
  }

  private send(transport: Transport, frame: Buffer): void {
    if ('sendSplit' in transport && frame.length > 1 && this.happens('split')) {
      const at = Array.from({ length: 1 + this.random.below(3) }, () => 1 + this.random.below(frame.length - 1));
      (transport as SplittingTransport).sendSplit(frame, [...new Set(at)].sort((a, b) => a - b));
    } else {
      transport.send(frame);
    }
  }

  /** The payload only: its digest shows that, and what is in front of it has none. */
  private corrupted(frame: Buffer): Buffer {
    const copy = Buffer.from(frame);
    copy[PAYLOAD + this.random.below(frame.length - PAYLOAD)] ^= 2 ** this.random.below(8);
    return copy;
  }

  private happens(fault: keyof FaultCounts): boolean {
    if (this.total >= (this.faults.limit ?? Infinity) || !this.random.happens(this.faults[fault] ?? 0)) {
      return false;
    }
    this.total++;
    this.counts[fault]++;
    return true;
  }

  private upTo(milliseconds: number): number {
    return 1 + this.random.below(milliseconds);
  }
}

function messageTypeOf(frame: Buffer): string {
  return frame.toString('latin1', 4, 36).trimEnd();
}

function control(messageType: MessageType): Buffer {
  return encodeMessage({ messageType, createdDate: Date.now(), sequenceNumber: 0, messageId: randomUUID(), payload: Buffer.alloc(0) });
}
