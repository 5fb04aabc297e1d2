import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { Clock } from '../../../src/runtime/exec/session/clock';
import type { Connect, Transport } from '../../../src/runtime/exec/session/transport';
import {
  Acknowledgement, ChannelClosed, decodeMessage, DecodedMessage, encodeMessage, HandshakeComplete, HandshakeRequest, MessageType, PayloadType,
} from '../../../src/runtime/exec/wire';

const RESEND = 200;

/** The least that a client has to be, for tests of the agent: it can be told to misbehave. */
export class PlainClient {
  public request?: HandshakeRequest;
  public complete?: HandshakeComplete;
  public closed?: ChannelClosed;
  public losses = 0;
  /** All frames as they came, decoded. */
  public readonly heard: DecodedMessage[] = [];
  public acknowledges = true;
  public answers = true;
  /** What KMS has given: the key in the clear, and encrypted. */
  public dataKey?: { readonly plain: Buffer; readonly encrypted: Buffer };
  public kmsFails = false;

  private readonly chunks: Buffer[] = [];
  private readonly early = new Map<number, DecodedMessage>();
  private readonly unacknowledged = new Map<number, Buffer>();
  private transport?: Transport;
  private expected = 0;
  private next = 0;

  public constructor(private readonly clock: Clock, private readonly connector: Connect, private readonly url: string) {}

  public get output(): Buffer {
    return Buffer.concat(this.chunks);
  }

  public get owed(): number {
    return this.unacknowledged.size;
  }

  /** @param token a new one after a loss; undefined ends it */
  public async connect(token: string, again: () => string | undefined = () => undefined): Promise<void> {
    this.transport = await this.connector(this.url, {
      onFrame: frame => this.hear(frame as Buffer),
      onClosed: () => {
        this.losses++;
        this.transport = undefined;
        const next = this.closed ? undefined : again();
        if (next !== undefined) void this.connect(next, again);
      },
    });
    this.transport.send(JSON.stringify({
      MessageSchemaVersion: '1.0', RequestId: randomUUID(), TokenValue: token, ClientId: randomUUID(), ClientVersion: '1.2.0.0',
    }));
    for (const frame of this.unacknowledged.values()) {
      this.transport.send(frame);
    }
  }

  public disconnect(): void {
    this.transport?.close();
  }

  public send(payloadType: PayloadType, payload: Buffer): void {
    this.sendNumbered(this.next++, payloadType, payload);
  }

  public type(text: string | Buffer): void {
    this.send(PayloadType.OUTPUT, this.encrypted(Buffer.from(text)));
  }

  public sendNumbered(sequenceNumber: number, payloadType: PayloadType, payload: Buffer): void {
    const frame = encodeMessage({
      messageType: MessageType.INPUT_STREAM_DATA, createdDate: 0, sequenceNumber, messageId: randomUUID(), payloadType, payload,
    });
    this.unacknowledged.set(sequenceNumber, frame);
    this.transport?.send(frame);
    const again = () => {
      if (this.unacknowledged.has(sequenceNumber) && !this.closed) {
        this.transport?.send(frame);
        this.clock.after(RESEND, again);
      }
    };
    this.clock.after(RESEND, again);
  }

  private hear(frame: Buffer): void {
    let message: DecodedMessage;
    try {
      message = decodeMessage(frame);
    } catch {
      return;
    }
    this.heard.push(message);
    if (message.messageType === MessageType.CHANNEL_CLOSED) {
      this.closed = JSON.parse(message.payload.toString()) as ChannelClosed;
    } else if (message.messageType === MessageType.ACKNOWLEDGE) {
      this.unacknowledged.delete((JSON.parse(message.payload.toString()) as Acknowledgement).AcknowledgedMessageSequenceNumber);
    } else if (message.messageType === MessageType.OUTPUT_STREAM_DATA) {
      if (this.acknowledges) this.acknowledge(message);
      if (message.sequenceNumber >= this.expected) this.early.set(message.sequenceNumber, message);
      for (let one = this.early.get(this.expected); one; one = this.early.get(this.expected)) {
        this.early.delete(this.expected++);
        this.take(one);
      }
    }
  }

  private acknowledge(message: DecodedMessage): void {
    const payload: Acknowledgement = {
      AcknowledgedMessageType: message.messageType,
      AcknowledgedMessageId: message.messageId,
      AcknowledgedMessageSequenceNumber: message.sequenceNumber,
      IsSequentialMessage: true,
    };
    this.transport?.send(encodeMessage({
      messageType: MessageType.ACKNOWLEDGE,
      createdDate: 0,
      sequenceNumber: 0,
      flags: 3,
      messageId: randomUUID(),
      payload: Buffer.from(JSON.stringify(payload)),
    }));
  }

  private take({ payloadType, payload }: DecodedMessage): void {
    if (payloadType === PayloadType.OUTPUT) {
      this.chunks.push(this.decrypted(payload));
    } else if (payloadType === PayloadType.HANDSHAKE_REQUEST) {
      this.request = JSON.parse(payload.toString()) as HandshakeRequest;
      if (this.answers) this.answer(this.request);
    } else if (payloadType === PayloadType.ENCRYPTION_CHALLENGE_REQUEST) {
      const { Challenge } = JSON.parse(payload.toString());
      const answer = this.encrypted(this.decrypted(Buffer.from(Challenge, 'base64')));
      this.send(PayloadType.ENCRYPTION_CHALLENGE_RESPONSE, Buffer.from(JSON.stringify({ Challenge: answer.toString('base64') })));
    } else if (payloadType === PayloadType.HANDSHAKE_COMPLETE) {
      this.complete = JSON.parse(payload.toString()) as HandshakeComplete;
    }
  }

  private answer(request: HandshakeRequest): void {
    this.send(PayloadType.HANDSHAKE_RESPONSE, Buffer.from(JSON.stringify({
      ClientVersion: '1.2.0.0',
      ProcessedClientActions: request.RequestedClientActions.map(({ ActionType }) => ({
        ActionType,
        ActionStatus: this.kmsFails && ActionType === 'KMSEncryption' ? 2 : 1,
        ActionResult: ActionType === 'KMSEncryption' ? { KMSCipherTextKey: this.dataKey?.encrypted.toString('base64') } : null,
        Error: this.kmsFails && ActionType === 'KMSEncryption' ? 'no such key' : '',
      })),
      Errors: null,
    })));
  }

  private encrypted(plain: Buffer): Buffer {
    if (!this.dataKey) {
      return plain;
    }
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.dataKey.plain.subarray(32), nonce);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  private decrypted(payload: Buffer): Buffer {
    if (!this.dataKey) {
      return payload;
    }
    const decipher = createDecipheriv('aes-256-gcm', this.dataKey.plain.subarray(0, 32), payload.subarray(0, 12));
    decipher.setAuthTag(payload.subarray(-16));
    return Buffer.concat([decipher.update(payload.subarray(12, -16)), decipher.final()]);
  }
}
