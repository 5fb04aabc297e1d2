import { StreamEnd } from '../../client/contract';
import { CommandRun } from '../command-run';

/** How a command has ended in the client, and what it has printed. */
export interface ClientRunResult extends CommandRun {
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
