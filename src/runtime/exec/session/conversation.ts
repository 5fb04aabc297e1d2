import { readJson } from './acknowledgement';
import { deferred } from './deferred';
import { SessionEncryptionError, SessionRefusedError } from './errors';
import { answerHandshake, HandshakeProps } from './handshake';
import { Outbox } from './outbox';
import { SessionCipher } from './session-cipher';
import { DecodedMessage, EncryptionChallenge, HandshakeComplete, HandshakeRequest, PayloadType } from '../wire';

/** Hears what the terminal shows; it is through when its promise is kept. */
export type OutputListener = (data: Buffer) => void | Promise<void>;

export interface ConversationEvents {
  /** The agent is ready, or shows something already. */
  onReady(): void;

  /**
   * What the agent asks for cannot be.
   *
   * @returns what to call when the agent was told
   */
  onRefused(error: SessionRefusedError): () => void;
}

/** What the agent says, in its order: first the handshake, then what the terminal shows. */
export class Conversation {
  /** Empty where there is none. */
  public customerMessage = '';
  /** Empty where it is not known. */
  public agentVersion = '';

  private readonly listening = deferred<OutputListener>();
  private listener?: OutputListener;
  private cipher?: SessionCipher;

  public constructor(
    private readonly props: HandshakeProps,
    private readonly outbox: Outbox,
    private readonly events: ConversationEvents,
  ) {}

  public listen(listener: OutputListener): void {
    this.listener = listener;
    this.listening.resolve(listener);
  }

  /**
   * Understands a message.
   *
   * @returns a promise where the next one has to wait
   * @throws SessionEncryptionError, MalformedMessageError, and what the listener throws
   */
  public hear(message: DecodedMessage): void | Promise<void> {
    switch (message.payloadType) {
      case PayloadType.OUTPUT:
      case PayloadType.STDERR:
        // An agent from before there were handshakes begins with this.
        this.events.onReady();
        return this.show(this.cipher?.decrypt(message.payload) ?? message.payload);
      case PayloadType.ERROR:
        return this.show(message.payload);
      case PayloadType.HANDSHAKE_REQUEST:
        return this.answerRequest(readJson<Partial<HandshakeRequest>>(message));
      case PayloadType.ENCRYPTION_CHALLENGE_REQUEST:
        return this.answerChallenge(readJson<Partial<EncryptionChallenge>>(message));
      case PayloadType.HANDSHAKE_COMPLETE:
        this.customerMessage = readJson<Partial<HandshakeComplete>>(message).CustomerMessage ?? '';
        return this.events.onReady();
      default:
        // ECS sends no exit code, and the rest is not for a terminal.
        return undefined;
    }
  }

  private show(data: Buffer): void | Promise<void> {
    if (data.length === 0) {
      return undefined;
    }
    return this.listener ? this.listener(data) : this.listening.promise.then((listener) => listener(data));
  }

  private async answerRequest(request: Partial<HandshakeRequest>): Promise<void> {
    this.agentVersion = request.AgentVersion ?? '';
    const { response, cipher, refused } = await answerHandshake(request, this.props);
    const onTold = refused && this.events.onRefused(new SessionRefusedError(
      `the session ${this.props.sessionId} could not be opened: ${refused.why}`, { cause: refused.cause },
    ));
    this.outbox.sendControl(PayloadType.HANDSHAKE_RESPONSE, Buffer.from(JSON.stringify(response)), onTold);
    this.cipher = cipher;
    this.outbox.encrypt = cipher && ((bytes) => cipher.encrypt(bytes));
  }

  private answerChallenge({ Challenge: challenge }: Partial<EncryptionChallenge>): void {
    if (!this.cipher || typeof challenge !== 'string') {
      throw new SessionEncryptionError(
        `the agent of the session ${this.props.sessionId} tries an encryption that was not agreed upon: open another session`,
      );
    }
    const clear = this.cipher.decrypt(Buffer.from(challenge, 'base64'));
    const answer: EncryptionChallenge = { Challenge: this.cipher.encrypt(clear).toString('base64') };
    this.outbox.sendControl(PayloadType.ENCRYPTION_CHALLENGE_RESPONSE, Buffer.from(JSON.stringify(answer)));
  }
}
