import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { frame, FrameType, STREAM_MAGIC, StreamEnd } from '../../src/client/contract';

/** One message of application/vnd.amazon.eventstream, the encoding of Lambda's streamed answers. */
export function eventMessage(type: string, contentType: string, payload: Buffer): Buffer {
  const headers = Buffer.concat([[':event-type', type], [':content-type', contentType], [':message-type', 'event']].map(([name, value]) => {
    const length = Buffer.alloc(3);
    length[0] = 7;
    length.writeUInt16BE(value.length, 1);
    return Buffer.concat([Buffer.of(name.length), Buffer.from(name), length, Buffer.from(value)]);
  }));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + payload.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, payload, Buffer.alloc(4)]);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

/** A piece of the function's answer. */
export function payloadChunk(payload: Buffer): Buffer {
  return eventMessage('PayloadChunk', 'application/octet-stream', payload);
}

/** The last event of an answer; with an error where the function failed. */
export function invokeComplete(error: { ErrorCode?: string; ErrorDetails?: string } = {}): Buffer {
  return eventMessage('InvokeComplete', 'application/json', Buffer.from(JSON.stringify(error)));
}

/** What a command of the fake function prints, and how it ends. */
export interface FakeCommand extends Partial<StreamEnd> {
  readonly stdout?: string | Buffer;
  readonly stderr?: string | Buffer;
}

/** The frames of a whole answer, the first of which is what every answer begins with. */
export function answerFrames({ stdout = '', stderr = '', ...end }: FakeCommand = {}): Buffer[] {
  const [out, err] = [Buffer.from(stdout as string), Buffer.from(stderr as string)];
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const whole: StreamEnd = {
    exitCode: 0,
    signal: null,
    timedOut: false,
    outputLimitExceeded: false,
    durationMs: 12.5,
    stdoutBytes: out.length,
    stderrBytes: err.length,
    stdoutSha256: sha256(out),
    stderrSha256: sha256(err),
    ...end,
  };
  return [
    STREAM_MAGIC,
    ...out.length > 0 ? [frame(FrameType.STDOUT, out)] : [],
    ...err.length > 0 ? [frame(FrameType.STDERR, err)] : [],
    frame(FrameType.END, Buffer.from(JSON.stringify(whole))),
  ];
}

/** The body of a whole answer, an event for each frame. */
export function answerBody(command: FakeCommand = {}): Buffer {
  return Buffer.concat([...answerFrames(command).map(payloadChunk), invokeComplete()]);
}
