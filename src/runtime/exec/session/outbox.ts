import { randomUUID } from 'node:crypto';
import { Clock } from './clock';
import { RoundTrip } from './round-trip';
import { encodeMessage, MessageType, PayloadType } from '../wire';

/** What goes out, in the bytes of one message; the agent reads as much at a time. */
export const CHUNK_BYTES = 1024;

/** How many messages may be on their way: with 1024 bytes in each, 2.5 MB/s over a tenth of a second. */
const WINDOW_MESSAGES = 256;

/** With a second between two tries about five minutes, which is when the official client gives up. */
export const MOST_TRIES = 300;

/** So many tries before the end it is asked whether the agent is there at all. */
const TRIES_AFTER_QUESTION = 150;

/** How many messages are sent again at once, so that a slow line is not filled with what is on it already. */
const SENT_AGAIN_AT_ONCE = 32;

/** With so much still in this process there is no point in sending anything again. */
const BACKLOG_BYTES = 64 * 1024;

/** The connection, as the outbox sees it. */
export interface OutboxLine {
  readonly bufferedBytes: number;
  send(frame: Uint8Array): void;
}

interface Waiting {
  readonly payloadType: PayloadType;
  readonly data: Uint8Array;
  offset: number;
  readonly done: () => void;
  readonly failed: (error: Error) => void;
}

interface OnItsWay {
  readonly frame: Buffer;
  sentAt: number;
  timesSentAgain: number;
  /** Whether its acknowledgement says how long one takes. */
  measurable: boolean;
  /** When it became doubtful that the agent is there. */
  inDoubtSince?: number;
  readonly done?: () => void;
}

/** What an outbox has to say. */
export interface OutboxEvents {
  /** A message is not acknowledged: time to send something that does no harm, to see whether the agent is there. */
  onDoubt(): void;

  /** The agent is not there. */
  onGivenUp(why: string): void;
}

/** What is typed: numbers it, holds back what is too much, and sends again what is not acknowledged. */
export class Outbox {
  /** Encrypts the bytes of the terminal, from the moment on that the agent can read it. */
  public encrypt?: (bytes: Uint8Array) => Uint8Array;

  private lastHeardAt = -Infinity;
  private readonly roundTrip = new RoundTrip();
  private readonly waiting: Waiting[] = [];
  /** Goes before all that waits, each in one message. */
  private readonly urgent: Array<Pick<Waiting, 'payloadType' | 'data'> & { readonly done?: () => void }> = [];
  /** By number, the first sent first. */
  private readonly onTheirWay = new Map<number, OnItsWay>();
  private nextNumber = 0;
  private held = true;
  private deaf = false;
  private over?: Error;
  private stopTimer?: () => void;
  private wakesAt = Infinity;

  public constructor(
    private readonly clock: Clock,
    private readonly line: OutboxLine,
    private readonly events: OutboxEvents,
  ) {}

  /** Nothing more goes out before something is acknowledged. */
  public get isFull(): boolean {
    return this.onTheirWay.size >= WINDOW_MESSAGES;
  }

  /** Resolves as soon as all of it is on its way; until then it must not change. */
  public async write(data: Uint8Array): Promise<void> {
    if (this.over) {
      throw this.over;
    }
    if (data.length === 0) {
      return;
    }
    await new Promise<void>((done, failed) => {
      this.waiting.push({ payloadType: PayloadType.OUTPUT, data, offset: 0, done, failed });
      this.pump();
    });
  }

  /** Sends something of the protocol, before all that was typed and waits. */
  public sendControl(payloadType: PayloadType, data: Uint8Array, done?: () => void): void {
    if (!this.over) {
      this.urgent.push({ payloadType, data, done });
      this.pump();
    }
  }

  /** Nothing is sent until `release`. */
  public hold(): void {
    this.held = true;
    this.clearTimer();
  }

  /** Sends what is not acknowledged again, as it may have been lost, and goes on. */
  public release(): void {
    if (!this.held || this.over) {
      return;
    }
    this.held = false;
    for (const message of this.onTheirWay.values()) {
      this.sendAgain(message);
    }
    this.pump();
    this.startTimer();
  }

  /** Acknowledgements are not read for now: their absence says nothing. What is typed goes out all the same. */
  public setDeaf(deaf: boolean): void {
    if (this.deaf === deaf) {
      return;
    }
    this.deaf = deaf;
    this.clearTimer();
    if (!deaf) {
      for (const message of this.onTheirWay.values()) {
        message.measurable = false;
        message.sentAt = this.clock.now();
      }
      this.startTimer();
    }
  }

  public acknowledged(sequenceNumber: number): void {
    const message = this.onTheirWay.get(sequenceNumber);
    if (!message) {
      return;
    }
    this.onTheirWay.delete(sequenceNumber);
    this.lastHeardAt = this.clock.now();
    if (message.measurable) {
      this.roundTrip.learn(this.clock.now() - message.sentAt);
    }
    message.done?.();
    this.pump();
  }

  /** Whoever writes, or waits to, hears the error. */
  public close(error: Error): void {
    if (this.over) {
      return;
    }
    this.hold();
    this.over = error;
    this.onTheirWay.clear();
    this.urgent.length = 0;
    for (const { failed } of this.waiting.splice(0)) {
      failed(error);
    }
  }

  private pump(): void {
    while (!this.held && !this.isFull) {
      const urgent = this.urgent.shift();
      if (urgent) {
        this.transmit(urgent.payloadType, urgent.data, urgent.done);
        continue;
      }
      const first = this.waiting[0];
      if (!first) {
        return;
      }
      const chunk = first.data.subarray(first.offset, first.offset + CHUNK_BYTES);
      first.offset += chunk.length;
      if (first.offset >= first.data.length) {
        this.waiting.shift();
        first.done();
      }
      this.transmit(first.payloadType, chunk);
    }
  }

  private transmit(payloadType: PayloadType, data: Uint8Array, done?: () => void): void {
    const sequenceNumber = this.nextNumber++;
    const frame = encodeMessage({
      messageType: MessageType.INPUT_STREAM_DATA,
      createdDate: Date.now(),
      sequenceNumber,
      messageId: randomUUID(),
      payloadType,
      payload: payloadType === PayloadType.OUTPUT && this.encrypt ? this.encrypt(data) : data,
    });
    const message: OnItsWay = { frame, sentAt: this.clock.now(), timesSentAgain: 0, measurable: true, done };
    this.onTheirWay.set(sequenceNumber, message);
    this.wakeAt(this.dueAt(message));
    this.line.send(frame);
  }

  private sendAgain(message: OnItsWay): void {
    message.timesSentAgain++;
    message.measurable = false;
    message.sentAt = this.clock.now();
    this.line.send(message.frame);
  }

  private dueAt(message: OnItsWay): number {
    return message.sentAt + this.roundTrip.timeout(message.timesSentAgain);
  }

  private clearTimer(): void {
    this.stopTimer?.();
    this.stopTimer = undefined;
    this.wakesAt = Infinity;
  }

  /** Looks again when the first of those on their way is due. */
  private startTimer(): void {
    let due = Infinity;
    for (const message of this.onTheirWay.values()) {
      due = Math.min(due, this.dueAt(message));
    }
    // One that is due already, and was left out for now, has its turn a little later.
    this.wakeAt(Math.max(due, this.clock.now() + this.roundTrip.timeout() / 4));
  }

  private wakeAt(time: number): void {
    if (this.held || this.deaf || time >= this.wakesAt || time === Infinity) {
      return;
    }
    this.clearTimer();
    this.wakesAt = time;
    this.stopTimer = this.clock.after(time - this.clock.now(), () => {
      this.clearTimer();
      this.sendAgainWhatIsDue();
      this.startTimer();
    });
  }

  private sendAgainWhatIsDue(): void {
    if (this.line.bufferedBytes > BACKLOG_BYTES) {
      return;
    }
    const now = this.clock.now();
    let left = SENT_AGAIN_AT_ONCE;
    for (const [sequenceNumber, message] of this.onTheirWay) {
      if (this.dueAt(message) > now) {
        continue;
      }
      if (message.timesSentAgain >= MOST_TRIES) {
        if (!this.answeredSince(message.inDoubtSince)) {
          this.events.onGivenUp(
            `the agent has not acknowledged message ${sequenceNumber}, which was sent ${MOST_TRIES + 1} times`,
          );
          return;
        }
        this.forget(sequenceNumber, message);
        continue;
      }
      if (message.timesSentAgain === MOST_TRIES - TRIES_AFTER_QUESTION) {
        message.inDoubtSince = now;
        this.events.onDoubt();
      }
      this.sendAgain(message);
      if (--left === 0) {
        return;
      }
    }
  }

  private answeredSince(inDoubtSince = Infinity): boolean {
    return this.lastHeardAt >= inDoubtSince;
  }

  /**
   * The agent of AWS acknowledges nothing twice: once an acknowledgement is lost, it never comes. Where others came in
   * over the same line while the message was sent a hundred times, the agent has it.
   */
  private forget(sequenceNumber: number, message: OnItsWay): void {
    this.onTheirWay.delete(sequenceNumber);
    message.done?.();
    this.pump();
  }
}
