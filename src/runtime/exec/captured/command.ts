import { Environment, launcher } from './launcher';
import { Looks, looksWithin, ORPHAN_TIMEOUT_SECONDS, SHORTEST_ORPHAN_TIMEOUT_SECONDS } from './signs-of-life';
import { environmentProblems, hasHalfCharacters } from '../../../client/contract';
import { OutputOptions } from '../../command-run';
import { InvalidInputError } from '../../errors';
import { timeoutProblems } from '../../waiting';

/** A command, and what becomes of its output. */
export interface CapturedCommand extends OutputOptions {
  /** A script for the shell, of at most 4 MiB. */
  readonly script: string | Buffer;

  /**
   * Environment variables of the command, besides those of the container. They are not in the request for the session.
   *
   * @default - none
   */
  readonly env?: { readonly [name: string]: string };

  /**
   * What the command reads from its standard input. It is taken as the command reads it.
   *
   * @default - nothing: the command sees the end of the file at once
   */
  readonly stdin?: string | Uint8Array | AsyncIterable<Uint8Array | string>;

  /**
   * The shell that runs the script, by its absolute path, such as `/bin/bash`.
   *
   * @default /bin/sh
   */
  readonly shell?: string;

  /**
   * How long the command may take, in seconds, rounded up to a whole number. After that it gets SIGTERM, 5 seconds later
   * SIGKILL, and all that it has started is ended with it: the result says `timedOut`. Where the container does not say
   * that it was stopped, the session is ended, and an ExecOutcomeUnknownError with the fault OVERDUE says so.
   *
   * @default - as long as it likes
   */
  readonly timeoutSeconds?: number;

  /**
   * How long the command may neither print anything nor take anything of its input, in seconds. After that it is ended as
   * when its time is over: the result says `timedOut` and `wasIdle`. An input that gives nothing does not hold this up; a
   * listener that is slow to take the output does.
   *
   * @default - as long as it likes
   */
  readonly idleTimeoutSeconds?: number;

  /**
   * How long the command goes on when nothing comes from this process any more, in seconds: because it was killed, is
   * suspended, or has no connection. Then it is ended like a command whose time is over. 10 or more; AWS ends the session after
   * 20 minutes in any case.
   *
   * @default 600
   */
  readonly orphanTimeoutSeconds?: number;

  /**
   * How long processes that the command has left behind, and that could still print something, are waited for after its
   * end, in seconds. Then they are named in the result, and nobody reads what they print any more.
   *
   * @default 5
   */
  readonly graceSeconds?: number;

  /**
   * Ends the command and all that it has started, and then the session, with the signal's reason.
   *
   * @default - nothing ends it early
   */
  readonly signal?: AbortSignal;
}

/** The longest script: it is in memory here, and twice in the files of the container, before it begins. */
export const SCRIPT_BYTES = 4 * 1024 * 1024;

const DEFAULT_SHELL = '/bin/sh';
const DEFAULT_GRACE_SECONDS = 5;

/** A command that was looked at. */
export interface CheckedCommand extends Looks {
  readonly shell: string;
  readonly timeoutSeconds: number;
  readonly graceSeconds: number;
  readonly launcher: Buffer;
  readonly script: Buffer;
}

/** @throws InvalidInputError that names all that is wrong */
export function checked(command: CapturedCommand): CheckedCommand {
  const { script, env, stdin, shell = DEFAULT_SHELL, timeoutSeconds, idleTimeoutSeconds, graceSeconds = DEFAULT_GRACE_SECONDS } = command;
  const { orphanTimeoutSeconds = ORPHAN_TIMEOUT_SECONDS } = command;
  const bytes = Buffer.from(script as string);
  const problems = environmentProblems(env);
  if (bytes.length > SCRIPT_BYTES) {
    problems.push(`it has ${bytes.length} bytes, and ${SCRIPT_BYTES} are the most: give the data to its standard input`);
  } else if (bytes.toString('latin1').trim() === '') {
    problems.push('it is empty');
  }
  if (bytes.includes(0)) {
    problems.push('it contains a NUL byte, which no command can');
  }
  if (typeof script === 'string' && hasHalfCharacters(script)) {
    problems.push('it contains half a surrogate pair, which is no text');
  }
  if (!/^\/[\w./+-]+$/.test(shell)) {
    problems.push(`the shell is '${shell}': give the absolute path of one, such as /bin/bash`);
  }
  problems.push(...timeoutProblems({ 'time-out': timeoutSeconds, 'idle time-out': idleTimeoutSeconds }));
  if (!(graceSeconds >= 0 && Number.isFinite(graceSeconds))) {
    problems.push(`the grace period is ${graceSeconds}: give a number of seconds, 0 or more`);
  }
  if (!(orphanTimeoutSeconds >= SHORTEST_ORPHAN_TIMEOUT_SECONDS && Number.isFinite(orphanTimeoutSeconds))) {
    problems.push(`the orphan time-out is ${orphanTimeoutSeconds}: give a number of seconds, ${SHORTEST_ORPHAN_TIMEOUT_SECONDS} or more`);
  }
  if (!isInput(stdin)) {
    problems.push('the standard input is neither a string, nor bytes, nor something that gives them one after the other, such as a stream');
  }
  if (problems.length > 0) {
    throw new InvalidInputError(`the command cannot be run: ${problems.join('; ')}`);
  }
  return {
    shell,
    // The other side counts whole seconds: not every sleep(1) knows others.
    timeoutSeconds: Math.ceil(timeoutSeconds ?? 0),
    graceSeconds: Math.ceil(graceSeconds),
    ...looksWithin(orphanTimeoutSeconds),
    launcher: launcher(shell, Object.entries(env ?? {}) as unknown as Environment),
    script: bytes,
  };
}

function isInput(stdin: unknown): boolean {
  return stdin === undefined || typeof stdin === 'string' || stdin instanceof Uint8Array
    || (typeof stdin === 'object' && stdin !== null && Symbol.asyncIterator in stdin);
}
