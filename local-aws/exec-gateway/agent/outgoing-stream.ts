import { randomUUID } from 'node:crypto';
import { RoundTrips } from './round-trips';
import type { Clock } from '../../../src/runtime/exec/session/clock';
import type { Transport } from '../../../src/runtime/exec/session/transport';
import { encodeMessage, HeaderFlag, MessageType, PayloadType } from '../../../src/runtime/exec/wire';

/** How much may be on its way: then the terminal is not read until the client has acknowledged something. */
const WINDOW_BYTES = 1024 * 1024;

const RESEND_INTERVAL = 100;

/** The most that is sent again at once: a client that is only slow is not to be buried under what it has. */
const RESEND_AT_ONCE = 64;

/** Above this the connection itself is what is slow. */
const CROWDED_BYTES = 1024 * 1024;

interface Unacknowledged {
  readonly frame: Buffer;
  readonly payloadBytes: number;
  sentAt: number;
  resent: boolean;
}

/** What goes to the client: numbered, kept until it is acknowledged, and sent again where it is not. */
export class OutgoingStream {
  private readonly unacknowledged = new Map<number, Unacknowledged>();
  private readonly roundTrips = new RoundTrips();
  private next = 0;
  private bytes = 0;
  private connection?: Transport;
  private cancelResend?: () => void;

  /** @param acknowledged is called after each acknowledgement that made room */
  public constructor(private readonly clock: Clock, private readonly acknowledged: () => void) {}

  /** Whether the client is so far behind that no more output should be read. */
  public get isFull(): boolean {
    return this.bytes >= WINDOW_BYTES;
  }

  public get isEmpty(): boolean {
    return this.unacknowledged.size === 0;
  }

  public send(payloadType: PayloadType, payload: Uint8Array): void {
    const sequenceNumber = this.next++;
    const frame = encodeMessage({
      messageType: MessageType.OUTPUT_STREAM_DATA,
      createdDate: Date.now(),
      sequenceNumber,
      flags: sequenceNumber === 0 ? HeaderFlag.SYN : 0,
      messageId: randomUUID(),
      payloadType,
      payload,
    });
    this.unacknowledged.set(sequenceNumber, { frame, payloadBytes: payload.length, sentAt: this.clock.now(), resent: false });
    this.bytes += payload.length;
    this.connection?.send(frame);
    this.watch();
  }

  public acknowledge(sequenceNumber: number): void {
    const message = this.unacknowledged.get(sequenceNumber);
    if (message === undefined) {
      return;
    }
    if (!message.resent) {
      this.roundTrips.measured(this.clock.now() - message.sentAt);
    }
    this.unacknowledged.delete(sequenceNumber);
    this.bytes -= message.payloadBytes;
    this.acknowledged();
  }

  /** Goes on with another connection: whatever the client may have missed is sent first. */
  public attach(connection: Transport): void {
    this.connection = connection;
    for (const message of this.unacknowledged.values()) {
      this.resend(message);
    }
    this.watch();
  }

  public detach(): void {
    this.connection = undefined;
    this.stopWatching();
  }

  /** Forgets what was not acknowledged. */
  public close(): void {
    this.detach();
    this.unacknowledged.clear();
    this.bytes = 0;
  }

  private watch(): void {
    if (this.cancelResend !== undefined || this.connection === undefined || this.isEmpty) {
      return;
    }
    this.cancelResend = this.clock.after(RESEND_INTERVAL, () => {
      this.cancelResend = undefined;
      this.resendOverdue();
      this.watch();
    });
  }

  private stopWatching(): void {
    this.cancelResend?.();
    this.cancelResend = undefined;
  }

  private resendOverdue(): void {
    if (this.connection === undefined || this.connection.bufferedBytes > CROWDED_BYTES) {
      return;
    }
    const before = this.clock.now() - this.roundTrips.timeout;
    let count = 0;
    for (const message of this.unacknowledged.values()) {
      if (count === RESEND_AT_ONCE) {
        return;
      }
      if (message.sentAt <= before) {
        this.resend(message);
        count++;
      }
    }
  }

  private resend(message: Unacknowledged): void {
    message.resent = true;
    message.sentAt = this.clock.now();
    this.connection?.send(message.frame);
  }
}
