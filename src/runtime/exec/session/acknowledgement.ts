import { randomUUID } from 'node:crypto';
import { Acknowledgement, DecodedMessage, encodeMessage, HeaderFlag, MalformedMessageError, MessageType } from '../wire';

/** The frame that acknowledges a message of a stream. */
export function acknowledge(message: DecodedMessage): Buffer {
  const acknowledgement: Acknowledgement = {
    AcknowledgedMessageType: message.messageType,
    AcknowledgedMessageId: message.messageId,
    AcknowledgedMessageSequenceNumber: message.sequenceNumber,
    IsSequentialMessage: true,
  };
  return encodeMessage({
    messageType: MessageType.ACKNOWLEDGE,
    createdDate: Date.now(),
    sequenceNumber: 0,
    // It is a stream of one message, as the official client has it.
    flags: HeaderFlag.SYN + HeaderFlag.FIN,
    messageId: randomUUID(),
    payload: Buffer.from(JSON.stringify(acknowledgement)),
  });
}

/**
 * Which message of ours is acknowledged.
 *
 * @throws MalformedMessageError
 */
export function acknowledgedSequenceNumber(message: DecodedMessage): number {
  const { AcknowledgedMessageSequenceNumber: sequenceNumber } = readJson<Partial<Acknowledgement>>(message);
  if (typeof sequenceNumber !== 'number') {
    throw new MalformedMessageError('it acknowledges no message');
  }
  return sequenceNumber;
}

/**
 * The object that is in a payload.
 *
 * @throws MalformedMessageError
 */
export function readJson<T extends object>({ messageType, payload }: DecodedMessage): T {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString('utf8'));
  } catch {
    // Told apart below.
  }
  if (typeof value !== 'object' || value === null) {
    throw new MalformedMessageError(`the payload of its ${messageType} is no object in JSON`);
  }
  return value as T;
}
