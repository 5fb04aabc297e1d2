import { acknowledgedSequenceNumber } from './acknowledgement';
import { Clock, SYSTEM_CLOCK } from './clock';
import { Conversation, OutputListener } from './conversation';
import { Delivery } from './delivery';
import { SessionAbortedError, SessionExpiredError, SessionLostError, SessionOpenError, SessionOpenTimeoutError } from './errors';
import { Farewell } from './farewell';
import { FrameReader } from './frame-reader';
import { GapWatch } from './gap-watch';
import { costOf, Inbox } from './inbox';
import { Line } from './line';
import { Outbox } from './outbox';
import { Outcome } from './outcome';
import { Reading } from './reading';
import { Resizing } from './resizing';
import { SessionChannel, SessionEnd } from './session-channel';
import { OpenSessionProps } from './session-props';
import { DecodedMessage, MessageType, PayloadType, SessionFlag, TerminalSize } from '../wire';

const DEFAULT_OPEN_TIMEOUT_MS = 30_000;

/** How much output waits here for a slow listener where the network cannot wait for it. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;

/** Where so many acknowledgements wait to leave, nothing more is taken that makes another. */
const MOST_UNSENT_BYTES = 1024 * 1024;

/** How long a session that was terminated has altogether, and from the moment on that the agent knows. */
const TERMINATE_MS = 3000;
const TERMINATED_MS = 1000;

/** How long a refusal has to reach the agent. */
const REFUSAL_MS = 1000;

/** The client's side of a session: see `SessionChannel`. */
export class Session implements SessionChannel {
  /**
   * Resolves when the agent is ready.
   *
   * @throws SessionOpenError, SessionEncryptionError, SessionAbortedError
   */
  public static async open(props: OpenSessionProps): Promise<Session> {
    const session = new Session(props);
    await session.outcome.opened;
    return session;
  }

  public readonly sessionId: string;
  public readonly ended: Promise<SessionEnd>;

  private readonly clock: Clock;
  private readonly outcome: Outcome;
  private readonly line: Line;
  private readonly frames: FrameReader;
  private readonly outbox: Outbox;
  private readonly inbox: Inbox;
  private readonly delivery: Delivery<DecodedMessage>;
  private readonly reading: Reading;
  private readonly conversation: Conversation;
  private readonly resizing: Resizing;
  private readonly gapWatch: GapWatch;
  private readonly timers = new Set<() => void>();
  private readonly onAbort: () => void;

  private farewell?: Farewell;
  private terminating = false;

  private constructor(private readonly props: OpenSessionProps) {
    this.sessionId = props.sessionId;
    this.clock = props.clock ?? SYSTEM_CLOCK;
    this.outcome = new Outcome(props.sessionId);
    this.ended = this.outcome.ended;
    this.onAbort = () => this.abort(new SessionAbortedError(this.sessionId, props.signal?.reason));
    this.line = new Line({ ...props, address: props, clock: this.clock }, {
      onUp: () => this.connected(),
      onFrame: (frame) => this.frames.read(frame),
      onDown: () => this.disconnected(),
      onLost: (why, expired, cause) => this.lineLost(why, expired, cause),
    });
    this.frames = new FrameReader((message) => this.receive(message), (why, cause) => this.lose(why, cause));
    this.outbox = new Outbox(this.clock, this.line, {
      onDoubt: () => this.resizing.repeat(),
      onGivenUp: (why) => this.lose(why),
    });
    this.conversation = new Conversation(props, this.outbox, {
      onReady: () => this.outcome.open(),
      onRefused: (error) => this.refuse(error),
    });
    this.delivery = new Delivery((message) => this.conversation.hear(message), {
      onThrough: () => this.heardMore(),
      onFailed: (error) => this.abort(error),
    });
    this.inbox = new Inbox((frame) => this.line.send(frame), {
      hasRoom: () => this.delivery.heldCost < MOST_HELD_BYTES && this.line.bufferedBytes < MOST_UNSENT_BYTES,
      push: (message) => this.delivery.push(message, costOf(message)),
    });
    this.reading = new Reading({
      heldBytes: () => this.delivery.heldCost,
      needsAcknowledgements: () => this.outbox.isFull,
      pause: () => this.line.pauseReading(),
      resume: () => this.line.resumeReading(),
      onDeaf: (deaf) => this.outbox.setDeaf(deaf),
    });
    this.resizing = new Resizing(this.clock, (payload) => this.outbox.sendControl(PayloadType.SIZE, payload));
    this.gapWatch = new GapWatch(this.clock, this.inbox, this.delivery, (why) => this.lose(why));
    this.start();
  }

  /** What the account wants its users to read; empty where it is nothing. */
  public get customerMessage(): string {
    return this.conversation.customerMessage;
  }

  /** Of the agent, as in `3.3.1802.0`; empty where it has not said it. */
  public get agentVersion(): string {
    return this.conversation.agentVersion;
  }

  /** How much output is kept here, in bytes, with a share for what is around it. */
  public get heldBytes(): number {
    return this.delivery.heldCost + this.inbox.heldCost;
  }

  public onOutput(listener: OutputListener): void {
    this.conversation.listen(listener);
  }

  public async write(data: Uint8Array): Promise<void> {
    const written = this.outbox.write(data);
    this.reading.regulate();
    await written;
  }

  public resize(size: TerminalSize): void {
    if (!this.outcome.isFound) {
      this.resizing.resize(size);
    }
  }

  public async terminate(): Promise<void> {
    if (this.outcome.isFound) {
      return;
    }
    if (!this.terminating) {
      this.terminating = true;
      const stop = this.clock.after(TERMINATE_MS, () => this.endUnheard(undefined));
      void this.ended.catch(() => {}).finally(stop);
      this.sendFlag(SessionFlag.TERMINATE_SESSION, () => this.after(TERMINATED_MS, () => this.conclude(undefined)));
    }
    await this.ended.catch(() => {});
  }

  private start(): void {
    const { signal, openTimeoutMs = DEFAULT_OPEN_TIMEOUT_MS } = this.props;
    if (signal?.aborted) {
      this.onAbort();
      return;
    }
    signal?.addEventListener('abort', this.onAbort, { once: true });
    const stopTimeout = this.after(openTimeoutMs, () => this.abort(new SessionOpenTimeoutError(
      `the session ${this.sessionId} was not opened within ${openTimeoutMs / 1000} s: look whether the task still runs, and ` +
        'whether its network has a way to the service ssmmessages',
    )));
    this.outcome.opened.then(stopTimeout, () => {});
    this.line.open();
  }

  // The line.

  private connected(): void {
    this.reading.reset();
    this.outbox.release();
    this.gapWatch.reset();
  }

  private disconnected(): void {
    this.outbox.hold();
    this.gapWatch.stop();
    if (this.farewell || this.inbox.isWhole) {
      // There is nothing to come back for.
      this.farewellOver(!this.inbox.hasGap);
    } else if (this.terminating) {
      this.conclude(undefined);
    }
  }

  private lineLost(why: string, expired: boolean, cause: unknown): void {
    this.conclude(this.outcome.isOpen
      ? new (expired ? SessionExpiredError : SessionLostError)(this.sessionId, why, { cause })
      : new SessionOpenError(`the session ${this.sessionId} could not be opened: ${why}`, { cause }));
  }

  private receive(message: DecodedMessage): void {
    switch (message.messageType) {
      case MessageType.OUTPUT_STREAM_DATA:
        this.inbox.receive(message);
        this.reading.regulate();
        this.gapWatch.look();
        this.farewell?.look();
        break;
      case MessageType.ACKNOWLEDGE:
        this.outbox.acknowledged(acknowledgedSequenceNumber(message));
        break;
      case MessageType.CHANNEL_CLOSED:
        this.channelClosed(message);
        break;
      case MessageType.PAUSE_PUBLICATION:
        this.outbox.hold();
        break;
      case MessageType.START_PUBLICATION:
        this.outbox.release();
        break;
      default:
        // The service may have learned something that was not known when this was written.
        break;
    }
  }

  // What the agent has said was heard.

  private refuse(error: Error): () => void {
    this.outcome.refusal = error;
    const conclude = (): void => this.conclude(error);
    // It should know why, but is not waited for.
    this.after(REFUSAL_MS, conclude);
    return conclude;
  }

  private heardMore(): void {
    this.reading.regulate();
    this.settleWhenHeard();
  }

  // The end.

  private channelClosed({ payload }: DecodedMessage): void {
    if (this.farewell) {
      return;
    }
    this.outcome.hearMessage(payload);
    this.outbox.close(this.outcome.reason);
    this.gapWatch.stop();
    this.farewell = new Farewell(this.clock, this.inbox, this.delivery, (whole) => this.farewellOver(whole));
    this.farewell.look();
  }

  private farewellOver(whole: boolean): void {
    if (whole || this.terminating) {
      this.conclude(undefined);
    } else {
      const message = this.outcome.message && ` (${this.outcome.message})`;
      this.lose(`it was closed${message}, and message ${this.inbox.nextNumber} of its output never came`);
    }
  }

  private lose(why: string, cause?: unknown): void {
    this.conclude(new SessionLostError(this.sessionId, why, { cause }));
  }

  /** Ends it here and there, without waiting for anything. */
  private abort(error: unknown): void {
    if (!this.outcome.isFound) {
      this.sendFlag(SessionFlag.TERMINATE_SESSION);
    }
    this.endUnheard(error);
  }

  private endUnheard(error: unknown): void {
    this.delivery.stop();
    this.conclude(error);
    this.settleWhenHeard();
  }

  /** Nothing goes in or out from now on. */
  private conclude(error: unknown): void {
    if (this.outcome.isFound) {
      return;
    }
    this.outcome.find(error);
    this.line.close();
    this.outbox.close(this.outcome.reason);
    this.resizing.stop();
    this.gapWatch.stop();
    this.farewell?.stop();
    for (const stop of this.timers) {
      stop();
    }
    if (!this.outcome.isOpen) {
      this.delivery.stop();
      this.outcome.failOpening();
    }
    this.settleWhenHeard();
  }

  private settleWhenHeard(): void {
    if (this.outcome.isFound && this.delivery.idle) {
      this.props.signal?.removeEventListener('abort', this.onAbort);
      this.outcome.settle();
    }
  }

  private sendFlag(flag: SessionFlag, done?: () => void): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(flag);
    this.outbox.sendControl(PayloadType.FLAG, payload, done);
  }

  private after(milliseconds: number, callback: () => void): () => void {
    const stop = this.clock.after(milliseconds, () => {
      this.timers.delete(stop);
      callback();
    });
    this.timers.add(stop);
    return stop;
  }
}
