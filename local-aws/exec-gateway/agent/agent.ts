import { randomUUID } from 'node:crypto';
import { AgentEncryption, Handshake } from './handshake';
import { IncomingStream } from './incoming-stream';
import { OutgoingStream } from './outgoing-stream';
import { PayloadCipher } from './payload-cipher';
import { Quirks, REAL_AGENT } from './quirks';
import { Terminal } from './terminal';
import { TerminalInput } from './terminal-input';
import { Timers } from './timers';
import { Utf8Output } from './utf8-output';
import type { Clock } from '../../../src/runtime/exec/session/clock';
import type { Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';
import {
  Acknowledgement, ChannelClosed, decodeMessage, DecodedMessage, encodeMessage, HeaderFlag, MalformedMessageError, MessageType, PayloadType,
  SessionFlag,
} from '../../../src/runtime/exec/wire';

export interface AgentOptions {
  readonly sessionId: string;
  readonly terminal: Terminal;
  readonly clock: Clock;

  /** @default - a session whose payloads are not encrypted */
  readonly encryption?: AgentEncryption;

  /** @default - all habits of the real agent */
  readonly quirks?: Partial<Quirks>;

  /**
   * After how many milliseconds without input or output the session ends.
   *
   * @default - 20 minutes, as on AWS
   */
  readonly idleMilliseconds?: number;

  /**
   * For how many milliseconds the client may be gone before the session ends.
   *
   * @default - 5 minutes
   */
  readonly goneMilliseconds?: number;

  /** Hears the output as it is sent, unencrypted. */
  readonly onOutput?: (output: Buffer) => void;

  /** Hears what is wrong with what the client sends. */
  readonly onComplaint?: (complaint: string) => void;
}

const AGENT_VERSION = '3.3.2299.0';
const MINUTE = 60_000;

/**
 * The agent's side of a session, and of the service what belongs to one session.
 *
 * It outlives its connections: what was not acknowledged on one is sent again on the next.
 */
export class Agent {
  /** Kept when the session is over, with what the service said of it to the client. */
  public readonly closed: Promise<string>;

  private readonly quirks: Quirks;
  private readonly outgoing: OutgoingStream;
  private readonly incoming: IncomingStream<DecodedMessage>;
  private readonly utf8 = new Utf8Output();
  private readonly typing: TerminalInput;
  private readonly timers: Timers<'idle' | 'gone' | 'drain' | 'pacing'>;
  private resolveClosed!: (message: string) => void;
  private connection?: Transport;
  private handshake?: Handshake;
  private cipher?: PayloadCipher;
  private ready = false;
  private over = false;
  private silent = false;
  private lastActivity: number;

  public constructor(private readonly options: AgentOptions) {
    this.closed = new Promise(resolve => this.resolveClosed = resolve);
    this.quirks = { ...REAL_AGENT, ...options.quirks };
    this.outgoing = new OutgoingStream(options.clock, () => this.proceed());
    this.incoming = new IncomingStream(message => this.deliver(message));
    this.timers = new Timers(options.clock);
    this.typing = new TerminalInput(options.terminal, {
      onRoom: () => this.incoming.proceed(),
      onComplaint: complaint => options.onComplaint?.(complaint),
      onUnreadable: why => this.close(why),
    });
    this.lastActivity = options.clock.now();
    this.watchIdle(options.idleMilliseconds ?? 20 * MINUTE);
  }

  public get isOver(): boolean {
    return this.over;
  }

  /** Goes on with this connection, whose client has shown its token, instead of an earlier one. */
  public attach(connection: Transport): TransportEvents {
    this.connection?.close();
    this.connection = connection;
    this.timers.cancel('gone');
    this.handshake ??= new Handshake({
      clock: this.options.clock,
      agentVersion: AGENT_VERSION,
      encryption: this.options.encryption,
      send: (payloadType, payload) => this.outgoing.send(payloadType, payload),
      done: cipher => this.begin(cipher),
      failed: why => this.close(why),
    });
    if (!this.silent) {
      this.outgoing.attach(connection);
    }
    return {
      onFrame: frame => {
        if (this.connection === connection) this.hear(frame);
      },
      onClosed: () => {
        if (this.connection === connection) this.detach();
      },
    };
  }

  /** Ends the session, as by the call of the service. */
  public terminate(): void {
    this.close('');
  }

  /**
   * Ends the session at once.
   *
   * @param message what the client is told; empty for an ordinary end
   */
  public close(message: string): void {
    if (this.over) {
      return;
    }
    this.over = true;
    this.handshake?.abandon();
    this.timers.cancelAll();
    this.outgoing.close();
    this.sendControl(MessageType.CHANNEL_CLOSED, {
      MessageType: MessageType.CHANNEL_CLOSED,
      MessageId: randomUUID(),
      DestinationId: randomUUID(),
      SessionId: this.options.sessionId,
      SchemaVersion: 1,
      CreatedDate: new Date().toISOString(),
      Output: message,
    } satisfies ChannelClosed & { [name: string]: unknown });
    this.connection?.close();
    this.connection = undefined;
    this.options.terminal.hangUp();
    this.resolveClosed(message);
  }

  private detach(): void {
    this.connection = undefined;
    this.outgoing.detach();
    this.timers.after('gone', this.options.goneMilliseconds ?? 5 * MINUTE, () => this.close('The client is gone.'));
  }

  // --- what the client sends

  private hear(frame: string | Buffer): void {
    if (this.silent) {
      return;
    }
    try {
      if (typeof frame === 'string') {
        throw new MalformedMessageError('it is a text frame');
      }
      this.hearMessage(decodeMessage(frame));
    } catch (error) {
      if (!(error instanceof MalformedMessageError || error instanceof SyntaxError)) {
        throw error;
      }
      this.options.onComplaint?.(error.message);
    }
  }

  private hearMessage(message: DecodedMessage): void {
    if (message.messageType === MessageType.ACKNOWLEDGE) {
      const { AcknowledgedMessageSequenceNumber: number } = JSON.parse(message.payload.toString()) as Acknowledgement;
      this.outgoing.acknowledge(number);
    } else if (message.messageType === MessageType.INPUT_STREAM_DATA) {
      if (this.incoming.take(message.sequenceNumber, message)) {
        this.acknowledge(message);
      }
    } else {
      this.options.onComplaint?.(`the client has sent a message of the type ${message.messageType}`);
    }
  }

  private acknowledge(message: DecodedMessage): void {
    this.sendControl(MessageType.ACKNOWLEDGE, {
      AcknowledgedMessageType: message.messageType,
      AcknowledgedMessageId: message.messageId,
      AcknowledgedMessageSequenceNumber: message.sequenceNumber,
      IsSequentialMessage: true,
    } satisfies Acknowledgement);
  }

  /** Whether the message could be taken; where not, it and what follows it wait. */
  private deliver({ payloadType, payload, sequenceNumber }: DecodedMessage): boolean {
    if (payloadType === PayloadType.HANDSHAKE_RESPONSE || payloadType === PayloadType.ENCRYPTION_CHALLENGE_RESPONSE) {
      this.handshake?.take(payloadType, payload);
      return true;
    }
    if (!this.ready || !this.typing.hasRoom || this.over) {
      return false;
    }
    this.lastActivity = this.options.clock.now();
    if (payloadType === PayloadType.OUTPUT) {
      this.typing.type(payload, sequenceNumber);
    } else if (payloadType === PayloadType.SIZE) {
      this.typing.resize(payload);
    } else if (payloadType === PayloadType.FLAG && payload.length === 4 && payload.readUInt32BE() === SessionFlag.TERMINATE_SESSION) {
      this.close('');
    } else {
      this.options.onComplaint?.(`the client has sent a payload of the type ${payloadType} that says nothing to the agent`);
    }
    return true;
  }

  // --- what the terminal shows

  private begin(cipher: PayloadCipher | undefined): void {
    this.cipher = this.typing.cipher = cipher;
    this.options.terminal.start(() => this.proceed()).then(
      () => {
        if (this.over) {
          // It was ended while it began.
          this.options.terminal.hangUp();
        }
        this.ready = true;
        this.incoming.proceed();
        this.proceed();
      },
      (error: Error) => this.close(error.message),
    );
  }

  private proceed(): void {
    if (!this.ready || this.over || this.timers.has('pacing')) {
      return;
    }
    const { terminal } = this.options;
    if (terminal.lost) {
      this.fallSilent();
      return;
    }
    while (!this.outgoing.isFull) {
      const read = terminal.read(this.quirks.chunkBytes);
      if (read === undefined) {
        break;
      }
      this.lastActivity = this.options.clock.now();
      this.show(this.quirks.utf8 ? this.utf8.pass(read) : read);
      if (this.quirks.pacingMilliseconds > 0) {
        this.timers.after('pacing', this.quirks.pacingMilliseconds, () => this.proceed());
        return;
      }
    }
    if (terminal.ended) {
      this.finish();
    }
  }

  private show(output: Buffer): void {
    // The real agent sends no empty message either.
    if (output.length > 0) {
      this.options.onOutput?.(output);
      this.outgoing.send(PayloadType.OUTPUT, this.cipher ? this.cipher.encrypt(output) : output);
    }
  }

  /**
   * Neither says nor hears anything any more: the agent was in the container that has stopped.
   *
   * The service does not tell the client either; the session times out.
   */
  private fallSilent(): void {
    this.silent = true;
    this.outgoing.close();
  }

  /** Closes the session once everything was acknowledged, or after a while. */
  private finish(): void {
    if (this.outgoing.isEmpty) {
      this.close('');
    } else if (!this.timers.has('drain') && this.quirks.drainMilliseconds !== Infinity) {
      this.timers.after('drain', this.quirks.drainMilliseconds, () => this.close(''));
    }
  }

  // --- the rest

  private watchIdle(milliseconds: number): void {
    const left = this.lastActivity + milliseconds - this.options.clock.now();
    if (left <= 0) {
      this.close('Your session timed out due to inactivity and has been terminated.');
    } else {
      this.timers.after('idle', left, () => this.watchIdle(milliseconds));
    }
  }

  private sendControl(messageType: MessageType, payload: object): void {
    this.connection?.send(encodeMessage({
      messageType,
      createdDate: Date.now(),
      sequenceNumber: 0,
      flags: HeaderFlag.SYN + HeaderFlag.FIN,
      messageId: randomUUID(),
      payload: Buffer.from(JSON.stringify(payload)),
    }));
  }
}
