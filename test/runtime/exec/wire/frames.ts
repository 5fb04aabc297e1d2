import { SeededRandom } from '../../../../local-aws/exec-gateway/faults/seeded-random';
import { decodeMessage, encodeMessage, MalformedMessageError, MessageType } from '../../../../src/runtime/exec/wire';

const TYPES = [...Object.values(MessageType), 'something_new'];

/** What came of many frames that chance has made. */
export interface FuzzTally {
  readonly decoded: number;
  readonly malformed: number;
  /** What went wrong with the codec itself. */
  readonly wrong: string[];
}

/** Decodes frames of pure chance, and good ones that chance has changed: nothing but a message or the typed error may come of it. */
export function fuzz(frames: number, seed: number): FuzzTally {
  const random = new SeededRandom(seed);
  const wrong: string[] = [];
  const { stackTraceLimit } = Error;
  // Where an error comes from takes longer to find out than all the rest.
  Error.stackTraceLimit = 0;
  let decoded = 0;
  let malformed = 0;
  for (let count = 0; count < frames; count++) {
    const frame = random.happens(0.2) ? bytes(random, random.below(400)) : mutated(random, goodFrame(random));
    try {
      const message = decodeMessage(frame);
      decoded++;
      // What was understood is understood in the same way when it is said again.
      const again = decodeMessage(encodeMessage(message));
      if (!again.payload.equals(message.payload) || again.sequenceNumber !== message.sequenceNumber || again.messageId !== message.messageId) {
        wrong.push(frame.toString('hex'));
      }
    } catch (error) {
      if (error instanceof MalformedMessageError) {
        malformed++;
      } else {
        wrong.push(`${error}: ${frame.toString('hex')}`);
      }
    }
  }
  Error.stackTraceLimit = stackTraceLimit;
  return { decoded, malformed, wrong };
}

function goodFrame(random: SeededRandom): Buffer {
  return encodeMessage({
    messageType: TYPES[random.below(TYPES.length)],
    createdDate: random.below(2 ** 41),
    sequenceNumber: random.below(1000),
    messageId: '00112233-4455-6677-8899-aabbccddeeff',
    payloadType: random.below(14),
    payload: bytes(random, random.below(60)),
  });
}

function mutated(random: SeededRandom, frame: Buffer): Buffer {
  const kind = random.below(8);
  if (kind === 0) {
    return frame;
  } else if (kind === 1) {
    return frame.subarray(0, random.below(frame.length + 1));
  } else if (kind === 2) {
    return Buffer.concat([frame, bytes(random, 1 + random.below(20))]);
  } else if (kind === 3) {
    const at = random.below(frame.length);
    return Buffer.concat([frame.subarray(0, at), bytes(random, random.below(9)), frame.subarray(at + random.below(9))]);
  } else if (kind === 4) {
    // Lengths are what a decoder trusts too easily.
    frame.writeUInt32BE([0, 1, 115, 116, 117, 119, 120, 2 ** 31, 2 ** 32 - 1, random.below(300)][random.below(10)], random.happens(0.5) ? 0 : 116);
    return frame;
  }
  for (let times = 1 + random.below(8); times > 0; times--) {
    frame[random.below(frame.length)] = random.below(256);
  }
  return frame;
}

/** Bytes of chance, of which so many are needed that they are made once. */
const POOL = Buffer.from(Array.from({ length: 64 * 1024 }, (random => () => random.below(256))(new SeededRandom(0))));

function bytes(random: SeededRandom, length: number): Buffer {
  const from = random.below(POOL.length - length);
  return Buffer.from(POOL.subarray(from, from + length));
}
