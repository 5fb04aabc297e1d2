import { readJson, acknowledgedSequenceNumber } from './acknowledgement';
import { SYSTEM_CLOCK } from './clock';
import { Delivery } from './delivery';
import {
  SessionAbortedError, SessionEncryptionError, SessionEndedError, SessionExpiredError, SessionLostError, SessionOpenError,
  SessionOpenTimeoutError, SessionRefusedError,
} from './errors';
import { Farewell } from './farewell';
import { GapWatch } from './gap-watch';
import { answerHandshake } from './handshake';
import { costOf, Inbox } from './inbox';
import { Line } from './line';
import { Outbox } from './outbox';
import { Resizing } from './resizing';
import { SessionChannel, SessionEnd } from './session-channel';
import { SessionCipher } from './session-cipher';
import { OpenSessionProps } from './session-props';
import {
  ChannelClosed, DecodedMessage, decodeMessage, EncryptionChallenge, HandshakeComplete, HandshakeRequest, MalformedMessageError,
  MessageType, PayloadType, SessionFlag, TerminalSize,
} from '../wire';

const DEFAULT_OPEN_TIMEOUT_MS = 30_000;

/** How much output waits here for a slow listener: from the second on the agent has to wait, beyond the first it is not taken. */
const MOST_HELD_BYTES = 4 * 1024 * 1024;
const PAUSE_READING_BYTES = 1024 * 1024;
const RESUME_READING_BYTES = 256 * 1024;

/** Where so many acknowledgements wait to leave, nothing more is taken that makes another. */
const MOST_UNSENT_BYTES = 1024 * 1024;

/** A frame that cannot be read is like one that was lost. So many without a good one in between are another protocol. */
const MOST_MALFORMED = 100;

/** How long a session that was terminated has altogether, and from the moment on that the agent knows. */
const TERMINATE_MS = 3000;
const TERMINATED_MS = 1000;

/** How long a refusal has to reach the agent. */
const REFUSAL_MS = 1000;

type Listener = (data: Buffer) => void | Promise<void>;

/** The client's side of a session: see `SessionChannel`. */
export class Session implements SessionChannel {
  /**
   * Resolves when the agent is ready.
   *
   * @throws SessionOpenError, SessionEncryptionError, SessionAbortedError
   */
  public static async open(props: OpenSessionProps): Promise<Session> {
    const session = new Session(props);
    await session.opened.promise;
    return session;
  }

  public readonly sessionId: string;
  public readonly ended: Promise<SessionEnd>;

  private readonly clock;
  private readonly opened = deferred<void>();
  private readonly end = deferred<SessionEnd>();
  private readonly listening = deferred<Listener>();
  private readonly line: Line;
  private readonly outbox: Outbox;
  private readonly inbox: Inbox;
  private readonly delivery: Delivery<DecodedMessage>;
  private readonly resizing: Resizing;
  private readonly gapWatch: GapWatch;
  private readonly timers = new Set<() => void>();
  private readonly onAbort: () => void;

  private listener?: Listener;
  private cipher?: SessionCipher;
  private farewell?: Farewell;
  private malformedInARow = 0;
  private readingPaused = false;
  private isOpen = false;
  private terminating = false;
  private endMessage = '';
  private messageForUser = '';
  private agent = '';
  /** Nothing goes in or out any more; what came may have to be heard still. */
  private outcome?: { readonly error?: unknown };

  private constructor(private readonly props: OpenSessionProps) {
    this.sessionId = props.sessionId;
    this.clock = props.clock ?? SYSTEM_CLOCK;
    this.ended = this.end.promise;
    this.onAbort = () => this.abort(new SessionAbortedError(this.sessionId, props.signal?.reason));
    this.line = new Line(
      { ...props, address: props, clock: this.clock },
      {
        onUp: () => this.connected(),
        onFrame: (frame) => this.receive(frame),
        onDown: () => this.disconnected(),
        onLost: (why, expired, cause) => this.lineLost(why, expired, cause),
      },
    );
    this.outbox = new Outbox(this.clock, this.line, {
      onDoubt: () => this.resizing.repeat(),
      onGivenUp: (why) => this.lose(why),
    });
    this.delivery = new Delivery(
      (message) => this.hand(message),
      () => this.deliveryMoved(),
      (error) => this.abort(error),
    );
    this.inbox = new Inbox((frame) => this.line.send(frame), {
      hasRoom: () => this.delivery.heldCost < MOST_HELD_BYTES && this.line.bufferedBytes < MOST_UNSENT_BYTES,
      push: (message) => this.delivery.push(message, costOf(message)),
    });
    this.resizing = new Resizing(this.clock, (payload) => this.outbox.sendControl(PayloadType.SIZE, payload));
    this.gapWatch = new GapWatch(this.clock, this.view(), (why) => this.lose(why));
    this.start();
  }

  /** What the account wants its users to read; empty where it is nothing. */
  public get customerMessage(): string {
    return this.messageForUser;
  }

  /** Of the agent, as in `3.3.1802.0`; empty where it has not said it. */
  public get agentVersion(): string {
    return this.agent;
  }

  /** How much output is kept here, in bytes, with a share for what is around it. */
  public get heldBytes(): number {
    return this.delivery.heldCost + this.inbox.heldCost;
  }

  public onOutput(listener: Listener): void {
    this.listener = listener;
    this.listening.resolve(listener);
  }

  public async write(data: Uint8Array): Promise<void> {
    const written = this.outbox.write(data);
    this.regulateReading();
    await written;
  }

  public resize(size: TerminalSize): void {
    if (!this.outcome) {
      this.resizing.resize(size);
    }
  }

  public async terminate(): Promise<void> {
    if (this.outcome) {
      return;
    }
    if (!this.terminating) {
      this.terminating = true;
      const stop = this.clock.after(TERMINATE_MS, () => this.giveUpHearing());
      void this.ended.catch(() => {}).finally(stop);
      this.sendFlag(SessionFlag.TERMINATE_SESSION, () => this.after(TERMINATED_MS, () => this.conclude({})));
    }
    await this.ended.catch(() => {});
  }

  private start(): void {
    // Whoever does not ask how the session has ended is no error of the process.
    this.ended.catch(() => {});
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
    this.opened.promise.then(stopTimeout, () => {});
    this.line.open();
  }

  // The line.

  private connected(): void {
    this.readingPaused = false;
    this.outbox.setDeaf(false);
    this.outbox.release();
    this.gapWatch.reset();
    this.regulateReading();
  }

  private disconnected(): void {
    this.outbox.hold();
    this.gapWatch.stop();
    if (this.farewell || this.inbox.isWhole) {
      // There is nothing to come back for.
      this.farewellOver(!this.inbox.hasGap);
    } else if (this.terminating) {
      this.conclude({});
    }
  }

  private lineLost(why: string, expired: boolean, cause: unknown): void {
    if (!this.isOpen) {
      this.conclude({ error: new SessionOpenError(`the session ${this.sessionId} could not be opened: ${why}`, { cause }) });
      return;
    }
    this.conclude({ error: new (expired ? SessionExpiredError : SessionLostError)(this.sessionId, why, { cause }) });
  }

  private receive(frame: string | Buffer): void {
    try {
      this.dispatch(decodeMessage(typeof frame === 'string' ? Buffer.from(frame) : frame));
      this.malformedInARow = 0;
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) {
        throw error;
      }
      this.malformedInARow++;
      if (this.malformedInARow === MOST_MALFORMED) {
        this.lose(`${MOST_MALFORMED} frames in a row could not be read, the last because ${error.message}`, error);
      }
    }
  }

  private dispatch(message: DecodedMessage): void {
    switch (message.messageType) {
      case MessageType.OUTPUT_STREAM_DATA:
        this.inbox.receive(message);
        this.regulateReading();
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

  private regulateReading(): void {
    if (this.outcome) {
      return;
    }
    const held = this.delivery.heldCost;
    // A listener that waits for its own writing would wait for ever, were the acknowledgements not read.
    const { isFull } = this.outbox;
    if (!this.readingPaused && !isFull && held > PAUSE_READING_BYTES && this.line.pauseReading()) {
      this.readingPaused = true;
      this.outbox.setDeaf(true);
    } else if (this.readingPaused && (isFull || held < RESUME_READING_BYTES)) {
      this.readingPaused = false;
      this.outbox.setDeaf(false);
      this.line.resumeReading();
    }
  }

  // What the agent says, in its order.

  private hand(message: DecodedMessage): void | Promise<void> {
    switch (message.payloadType) {
      case PayloadType.OUTPUT:
      case PayloadType.STDERR:
        this.nowOpen();
        return this.show(this.cipher?.decrypt(message.payload) ?? message.payload);
      case PayloadType.ERROR:
        return this.show(message.payload);
      case PayloadType.HANDSHAKE_REQUEST:
        return this.answerHandshake(readJson<Partial<HandshakeRequest>>(message));
      case PayloadType.ENCRYPTION_CHALLENGE_REQUEST:
        return this.answerChallenge(readJson<Partial<EncryptionChallenge>>(message));
      case PayloadType.HANDSHAKE_COMPLETE:
        this.messageForUser = readJson<Partial<HandshakeComplete>>(message).CustomerMessage ?? '';
        return this.nowOpen();
      default:
        // An exit code is never sent by ECS; the rest is not for a terminal.
        return undefined;
    }
  }

  private show(data: Buffer): void | Promise<void> {
    if (data.length === 0) {
      return undefined;
    }
    return this.listener ? this.listener(data) : this.listening.promise.then((listener) => listener(data));
  }

  private async answerHandshake(request: Partial<HandshakeRequest>): Promise<void> {
    this.agent = request.AgentVersion ?? '';
    const { response, cipher, refused } = await answerHandshake(request, this.props);
    const error = refused && new SessionRefusedError(
      `the session ${this.sessionId} could not be opened: ${refused.why}`, { cause: refused.cause },
    );
    const fail = (): void => this.conclude({ error });
    // The agent should know why, and is not waited for.
    this.outbox.sendControl(PayloadType.HANDSHAKE_RESPONSE, Buffer.from(JSON.stringify(response)), error && fail);
    if (error) {
      this.after(REFUSAL_MS, fail);
    }
    this.cipher = cipher;
    this.outbox.encrypt = cipher && ((bytes) => cipher.encrypt(bytes));
  }

  private answerChallenge({ Challenge: challenge }: Partial<EncryptionChallenge>): void {
    if (!this.cipher || typeof challenge !== 'string') {
      throw new SessionEncryptionError(`the agent of the session ${this.sessionId} tries an encryption that was not agreed upon`);
    }
    const clear = this.cipher.decrypt(Buffer.from(challenge, 'base64'));
    const answer: EncryptionChallenge = { Challenge: this.cipher.encrypt(clear).toString('base64') };
    this.outbox.sendControl(PayloadType.ENCRYPTION_CHALLENGE_RESPONSE, Buffer.from(JSON.stringify(answer)));
  }

  private nowOpen(): void {
    this.isOpen = true;
    this.opened.resolve();
  }

  private deliveryMoved(): void {
    this.regulateReading();
    this.settleWhenHeard();
  }

  // The end.

  private channelClosed({ payload }: DecodedMessage): void {
    if (this.farewell) {
      return;
    }
    this.endMessage = readEndMessage(payload);
    this.outbox.close(new SessionEndedError(this.sessionId, this.endMessage));
    this.gapWatch.stop();
    this.farewell = new Farewell(this.clock, this.view(), (whole) => this.farewellOver(whole));
    this.farewell.look();
  }

  private farewellOver(whole: boolean): void {
    if (whole || this.terminating) {
      this.conclude({});
    } else {
      this.lose(`it was closed${this.endMessage && ` (${this.endMessage})`}, and message ${this.inbox.nextNumber} of its output never came`);
    }
  }

  private lose(why: string, cause?: unknown): void {
    this.conclude({ error: new SessionLostError(this.sessionId, why, { cause }) });
  }

  /** Ends it here and there, without waiting for anything. */
  private abort(error: unknown): void {
    if (!this.outcome) {
      this.sendFlag(SessionFlag.TERMINATE_SESSION);
      this.conclude({ error });
    }
    this.giveUpHearing();
  }

  private giveUpHearing(): void {
    this.delivery.stop();
    this.conclude({});
    this.settleWhenHeard();
  }

  /** Nothing goes in or out from now on. */
  private conclude(outcome: { readonly error?: unknown }): void {
    if (this.outcome) {
      return;
    }
    this.outcome = outcome;
    this.line.close();
    this.outbox.close(outcome.error instanceof Error ? outcome.error : new SessionEndedError(this.sessionId, this.endMessage));
    this.resizing.stop();
    this.gapWatch.stop();
    this.farewell?.stop();
    for (const stop of this.timers) {
      stop();
    }
    if (!this.isOpen) {
      this.delivery.stop();
      this.opened.reject(outcome.error ?? new SessionOpenError(
        `the session ${this.sessionId} was over before it was open${this.endMessage && `: ${this.endMessage}`}`,
      ));
    }
    this.settleWhenHeard();
  }

  private settleWhenHeard(): void {
    if (!this.outcome || !this.delivery.idle) {
      return;
    }
    this.props.signal?.removeEventListener('abort', this.onAbort);
    if (this.outcome.error === undefined) {
      this.end.resolve({ message: this.endMessage });
    } else {
      this.end.reject(this.outcome.error);
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

  private view(): { readonly isWhole: boolean; readonly hasGap: boolean; readonly isBusy: boolean; readonly nextNumber: number } {
    const { inbox, delivery } = this;
    return {
      get isWhole() { return inbox.isWhole; },
      get hasGap() { return inbox.hasGap; },
      get isBusy() { return !delivery.idle; },
      get nextNumber() { return inbox.nextNumber; },
    };
  }
}

function readEndMessage(payload: Buffer): string {
  try {
    const { Output: output } = JSON.parse(payload.toString('utf8')) as ChannelClosed;
    return typeof output === 'string' ? output : '';
  } catch {
    // It is over, whatever was to be said of it.
    return '';
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
