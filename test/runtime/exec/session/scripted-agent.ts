import { randomUUID } from 'node:crypto';
import { VirtualClock } from './virtual-clock';
import { Connect, OpenSessionProps, Session, TransportEvents } from '../../../../src/runtime/exec/session';
import {
  decodeMessage, DecodedMessage, encodeMessage, MessageType, PayloadType, SessionMessage,
} from '../../../../src/runtime/exec/wire';

/** The other side of a session as a test plays it, message by message. Nothing is acknowledged by itself unless asked for. */
export class ScriptedAgent {
  public readonly clock = new VirtualClock();
  /** The text frames with which connections were opened. */
  public readonly openings: Array<Record<string, string>> = [];
  public readonly urls: string[] = [];
  public readonly received: DecodedMessage[] = [];
  public connections = 0;
  public closedByClient = 0;
  public paused = false;
  public bufferedBytes = 0;
  /** Acknowledges what the client sends. */
  public acknowledges = true;
  /** What the next attempts to connect fail with. */
  public readonly refusals: string[] = [];
  /** Hears each message of the client. */
  public onReceived?: (message: DecodedMessage) => void;

  private nextNumber = 0;
  private events?: TransportEvents;

  /** @param canPause whether the connection can stop reading */
  public constructor(private readonly canPause = true) {}

  public readonly connect: Connect = async (url, events) => {
    this.urls.push(url);
    const refusal = this.refusals.shift();
    if (refusal !== undefined) {
      throw new Error(refusal);
    }
    this.connections++;
    this.events = events;
    const bufferedBytes = (): number => this.bufferedBytes;
    return {
      get bufferedBytes() { return bufferedBytes(); },
      send: frame => this.hear(frame),
      close: () => {
        this.events = undefined;
        this.closedByClient++;
      },
      ...(this.canPause ? { pause: () => { this.paused = true; }, resume: () => { this.paused = false; } } : {}),
    };
  };

  public props(more: Partial<OpenSessionProps> = {}): OpenSessionProps {
    return {
      sessionId: 's-1', streamUrl: 'wss://there/s-1', tokenValue: 'token', connect: this.connect, clock: this.clock, clientVersion: '1.2.3', ...more,
    };
  }

  /** A session whose handshake is through. */
  public async open(more: Partial<OpenSessionProps> = {}): Promise<Session> {
    const opening = Session.open(this.props(more));
    opening.catch(() => undefined);
    await this.clock.advance(0);
    this.request('InteractiveCommands');
    await this.clock.advance(0);
    this.output(PayloadType.HANDSHAKE_COMPLETE, JSON.stringify({ HandshakeTimeToComplete: 1, CustomerMessage: '' }));
    return opening;
  }

  public request(sessionType: string, ...more: object[]): void {
    this.output(PayloadType.HANDSHAKE_REQUEST, JSON.stringify({
      AgentVersion: '3.3.1802.0',
      RequestedClientActions: [{ ActionType: 'SessionType', ActionParameters: { SessionType: sessionType } }, ...more],
    }));
  }

  /** Sends a message of the stream, with the next number unless there is another; gives the number. */
  public output(payloadType: PayloadType, payload: string | Uint8Array, more: Partial<SessionMessage> = {}): number {
    const sequenceNumber = more.sequenceNumber ?? this.nextNumber++;
    this.sendFrame(encodeMessage({
      messageType: MessageType.OUTPUT_STREAM_DATA,
      createdDate: 1,
      messageId: randomUUID(),
      payloadType,
      payload: Buffer.from(payload),
      ...more,
      sequenceNumber,
    }));
    return sequenceNumber;
  }

  /** Says something that is no part of the stream. */
  public say(messageType: MessageType, payload: object | string = ''): void {
    this.sendFrame(encodeMessage({
      messageType,
      createdDate: 1,
      sequenceNumber: 0,
      messageId: randomUUID(),
      payload: Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)),
    }));
  }

  public acknowledge(sequenceNumber: number): void {
    this.say(MessageType.ACKNOWLEDGE, {
      AcknowledgedMessageType: MessageType.INPUT_STREAM_DATA,
      AcknowledgedMessageId: randomUUID(),
      AcknowledgedMessageSequenceNumber: sequenceNumber,
      IsSequentialMessage: true,
    });
  }

  public sendFrame(frame: Buffer | string): void {
    this.events?.onFrame(frame);
  }

  public cut(why = 'cut'): void {
    const { events } = this;
    this.events = undefined;
    events?.onClosed(why);
  }

  /** The numbers that the client has acknowledged, in its order. */
  public get acknowledged(): number[] {
    return this.received
      .filter(({ messageType }) => messageType === MessageType.ACKNOWLEDGE)
      .map(({ payload }) => JSON.parse(payload.toString()).AcknowledgedMessageSequenceNumber);
  }

  /** What came of the client's stream, repetitions as well. */
  public stream(payloadType: PayloadType): DecodedMessage[] {
    return this.received.filter(message => message.messageType === MessageType.INPUT_STREAM_DATA && message.payloadType === payloadType);
  }

  /** What was typed, repetitions as well. */
  public get typed(): string[] {
    return this.stream(PayloadType.OUTPUT).map(({ payload }) => payload.toString());
  }

  private hear(frame: string | Uint8Array): void {
    if (typeof frame === 'string') {
      this.openings.push(JSON.parse(frame));
      return;
    }
    const message = decodeMessage(Buffer.from(frame));
    this.received.push(message);
    this.onReceived?.(message);
    if (this.acknowledges && message.messageType === MessageType.INPUT_STREAM_DATA) {
      this.acknowledge(message.sequenceNumber);
    }
  }
}
