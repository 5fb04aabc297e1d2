import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeMessage, encodeMessage } from '../../../../src/runtime/exec/wire';

// Frames of a session that AWS's own client has held with the gateway of the local AWS, and what that client's parser has
// seen in them: test/e2e/exec-oracle.test.ts writes them anew.

interface Vector {
  readonly from: 'agent' | 'client';
  readonly messageType: string;
  readonly schemaVersion: number;
  readonly createdDate: number;
  readonly sequenceNumber: number;
  readonly flags: number;
  readonly messageId: string;
  readonly payloadType: number;
  readonly payload: string;
  readonly hex: string;
}

const vectors = readFileSync(path.join(__dirname, 'golden/session.jsonl'), 'utf8').trim().split('\n').map(line => JSON.parse(line) as Vector);

test.each(vectors)('$from: $messageType $sequenceNumber, payload type $payloadType', ({ from: _, hex, ...fields }) => {
  const frame = Buffer.from(hex, 'hex');
  const message = decodeMessage(frame);
  expect({ ...message, payload: message.payload.toString('hex') }).toEqual(fields);
  expect(encodeMessage(message).toString('hex')).toBe(hex);
});
