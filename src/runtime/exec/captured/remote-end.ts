import { LeftProcess } from './captured-result';
import { BadFrameError } from './frame-reader';

/** What the other side says when the command has ended. */
export interface RemoteEnd {
  readonly exitCode: number;

  /** `late`: by the time-out; `stopped`: by a call, or with the session; `lost`: since nothing came from us for too long. */
  readonly how: 'ended' | 'late' | 'stopped' | 'lost';

  readonly o: StreamEnd;
  readonly e: StreamEnd;
  readonly left: LeftProcess[];
}

/** What was sent of a stream. */
export interface StreamEnd {
  readonly bytes: number;
  readonly sum: string;
}

/** @throws BadFrameError */
export function remoteEnd([code, how, bytesO, sumO, bytesE, sumE, ...left]: string[]): RemoteEnd {
  if (![code, bytesO, bytesE].every(number => /^\d+$/.test(number)) || !['ended', 'late', 'stopped', 'lost'].includes(how)) {
    throw new BadFrameError('the end says nothing');
  }
  return {
    exitCode: Number(code),
    how: how as RemoteEnd['how'],
    o: { bytes: Number(bytesO), sum: sumO },
    e: { bytes: Number(bytesE), sum: sumE },
    left: left.map(leftProcess),
  };
}

function leftProcess(word: string): LeftProcess {
  const [pid, ...command] = word.split('=');
  return { pid: Number(pid), command: Buffer.from(command.join('='), 'base64').toString().trim() };
}
