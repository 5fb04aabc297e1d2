import { randomBytes } from 'node:crypto';
import { PayloadCipher } from './payload-cipher';
import type { Clock } from '../../../src/runtime/exec/session/clock';
import {
  ActionStatus, EncryptionChallenge, HandshakeComplete, HandshakeRequest, HandshakeResponse, KmsEncryptionResult, PayloadType, RequestedAction,
} from '../../../src/runtime/exec/wire';

const TIMEOUT = 15_000;
const CHALLENGE_BYTES = 64;
const NANOSECONDS = 1_000_000;

/** How a session is encrypted. */
export interface AgentEncryption {
  /** The key as the client is told to use it: its ARN. */
  readonly keyId: string;

  /**
   * Decrypts, by KMS, the data key that the client has got there.
   *
   * @throws an error which ends the session
   */
  decryptDataKey(encrypted: Buffer): Promise<Buffer>;
}

export interface HandshakeOptions {
  readonly clock: Clock;
  readonly agentVersion: string;
  readonly encryption?: AgentEncryption;
  send(payloadType: PayloadType, payload: Buffer): void;
  /** The session may begin; its payloads are encrypted where there is a cipher. */
  done(cipher?: PayloadCipher): void;
  failed(why: string): void;
}

/** What the agent and the client tell each other before the session. */
export class Handshake {
  private readonly began: number;
  private cancelTimeout?: () => void;
  private over = false;
  private cipher?: PayloadCipher;
  private challenge?: Buffer;

  /** Begins it at once. */
  public constructor(private readonly options: HandshakeOptions) {
    this.began = options.clock.now();
    this.send<HandshakeRequest>(PayloadType.HANDSHAKE_REQUEST, {
      AgentVersion: options.agentVersion,
      RequestedClientActions: requestedActions(options.encryption),
    });
    this.expectWithin('Handshake timed out. Please ensure that you have the latest version of the session manager plugin.');
  }

  /** Takes an answer of the client; what else it may send before the end of the handshake is not for here. */
  public take(payloadType: number, payload: Buffer): void {
    if (this.over) {
      return;
    }
    try {
      if (payloadType === PayloadType.HANDSHAKE_RESPONSE) {
        this.takeResponse(JSON.parse(payload.toString()) as HandshakeResponse);
      } else {
        this.takeChallenge(JSON.parse(payload.toString()) as EncryptionChallenge);
      }
    } catch (error) {
      this.fail((error as Error).message);
    }
  }

  /** Ends it without a result. */
  public abandon(): void {
    this.over = true;
    this.cancelTimeout?.();
  }

  private takeResponse(response: HandshakeResponse): void {
    for (const action of response.ProcessedClientActions) {
      if (action.ActionStatus !== ActionStatus.SUCCESS) {
        throw new Error(`${action.ActionType} failed on client with status ${action.ActionStatus} error: ${action.Error}`);
      }
    }
    const { encryption } = this.options;
    if (encryption === undefined) {
      return this.complete('');
    }
    const result = response.ProcessedClientActions.find(({ ActionType }) => ActionType === 'KMSEncryption')?.ActionResult as KmsEncryptionResult | undefined;
    if (result === undefined) {
      throw new Error('KMSEncryption was requested, and the client did not answer it');
    }
    encryption.decryptDataKey(Buffer.from(result.KMSCipherTextKey, 'base64'))
      .then(dataKey => this.askChallenge(dataKey))
      .catch((error: Error) => this.fail(`Fetching data key failed: ${error.message}`));
  }

  private askChallenge(dataKey: Buffer): void {
    if (this.over) {
      return;
    }
    this.cipher = new PayloadCipher(dataKey);
    this.challenge = randomBytes(CHALLENGE_BYTES);
    this.send<EncryptionChallenge>(PayloadType.ENCRYPTION_CHALLENGE_REQUEST, {
      Challenge: this.cipher.encrypt(this.challenge).toString('base64'),
    });
    this.expectWithin('Timed out waiting for encryption challenge.');
  }

  private takeChallenge({ Challenge: answer }: EncryptionChallenge): void {
    if (this.cipher === undefined || this.challenge === undefined) {
      return;
    }
    if (!this.cipher.decrypt(Buffer.from(answer, 'base64')).equals(this.challenge)) {
      throw new Error('Encryption challenge does not match!');
    }
    this.complete('This session is encrypted using AWS KMS.');
  }

  private complete(customerMessage: string): void {
    this.abandon();
    this.send<HandshakeComplete>(PayloadType.HANDSHAKE_COMPLETE, {
      HandshakeTimeToComplete: Math.round((this.options.clock.now() - this.began) * NANOSECONDS),
      CustomerMessage: customerMessage,
    });
    this.options.done(this.cipher);
  }

  private fail(why: string): void {
    if (!this.over) {
      this.abandon();
      this.options.failed(`Encountered error while initiating handshake. ${why}`);
    }
  }

  private expectWithin(why: string): void {
    this.cancelTimeout?.();
    this.cancelTimeout = this.options.clock.after(TIMEOUT, () => this.fail(why));
  }

  private send<T>(payloadType: PayloadType, payload: T): void {
    this.options.send(payloadType, Buffer.from(JSON.stringify(payload)));
  }
}

function requestedActions(encryption: AgentEncryption | undefined): RequestedAction[] {
  return [
    { ActionType: 'SessionType', ActionParameters: { SessionType: 'InteractiveCommands', Properties: null } },
    ...encryption ? [{ ActionType: 'KMSEncryption', ActionParameters: { KMSKeyId: encryption.keyId } }] : [],
  ];
}
