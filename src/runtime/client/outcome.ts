import { StreamEnd } from '../../client/contract';

/** How a command has ended, and what it has printed. */
export interface ClientRunResult {
  /** As a shell has it: 128 and the signal's number where a signal has ended the command. */
  readonly exitCode: number;

  /** The signal that has ended the command, such as `SIGKILL`; undefined where it ended by itself. */
  readonly signal?: string;

  /** Whether the command was stopped because its time was over, or that of the function. Nothing of it goes on. */
  readonly timedOut: boolean;

  /** From handing the command to bash until its end, in milliseconds. */
  readonly durationMs: number;

  /** What it has printed; empty where that was not kept. */
  readonly stdout: Buffer;
  readonly stderr: Buffer;

  /** How many bytes it has printed, kept or not. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;

  /** SHA-256 of what it has printed, in hexadecimal digits; what has arrived was compared with it. */
  readonly stdoutSha256: string;
  readonly stderrSha256: string;

  /** The call's id at AWS. */
  readonly requestId: string;
}

/**
 * Linux's signals, by their numbers from 1 on: the command runs there, and other systems have others.
 *
 * @see https://man7.org/linux/man-pages/man7/signal.7.html
 */
const SIGNALS = ('HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT '
  + 'CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS').split(' ').map(name => `SIG${name}`);

/** The end of a command with what was kept of its output. */
export function resultOf(end: StreamEnd, kept: Pick<ClientRunResult, 'stdout' | 'stderr' | 'requestId'>): ClientRunResult {
  return {
    exitCode: end.signal === null ? end.exitCode! : 128 + signalNumber(end.signal),
    ...end.signal !== null && { signal: end.signal },
    timedOut: end.timedOut,
    durationMs: end.durationMs,
    stdoutBytes: end.stdoutBytes,
    stderrBytes: end.stderrBytes,
    stdoutSha256: end.stdoutSha256,
    stderrSha256: end.stderrSha256,
    ...kept,
  };
}

/** A signal without a name of its own is called by its number, such as `signal 34`. */
function signalNumber(name: string): number {
  return SIGNALS.indexOf(name) + 1 || Number(/\d+$/.exec(name)?.[0] ?? 0);
}
