import { VastRuntimeError } from '../../errors';

/** The command was not run: what it needs is not there. */
export class CommandNotStartedError extends VastRuntimeError {
  public override readonly name: string = 'CommandNotStartedError';
}

/** The command was not run, because programs that it takes to run one are missing in the image. */
export class MissingProgramsError extends CommandNotStartedError {
  public override readonly name = 'MissingProgramsError';

  public constructor(
    /** Their names. */
    public readonly programs: readonly string[],
    /** The shell that was to run the command. */
    shell?: string,
  ) {
    super(programs.length === 1 && programs[0] === shell
      ? `the container has no shell ${shell}, and the command was not run: give the path of one that is in the image, such as /bin/sh`
      : `the container has no ${programs.join(', ')}: a command is run with the programs of coreutils or of BusyBox, `
        + 'and the command was not run. Install them in the image, or run the command with the client');
  }
}

/** What has kept the end of a command from us. */
export enum ExecFault {
  /** The session was over before the command was, or was lost. */
  SESSION_OVER = 'SESSION_OVER',
  /** Nothing came any more, not even a sign of life. */
  SILENT = 'SILENT',
  /** Its time was over, and the container has not said that it was stopped. */
  OVERDUE = 'OVERDUE',
  /** What has arrived is not what was sent. */
  DAMAGED = 'DAMAGED',
  /** The container could not take the output: its disk is full, usually. */
  OUTPUT_FAILED = 'OUTPUT_FAILED',
}

/**
 * The command was given to the container, and its end was not seen.
 *
 * Nobody knows whether it has succeeded, has failed or was stopped half-way; running it again may do everything twice.
 */
export class ExecOutcomeUnknownError extends VastRuntimeError {
  public override readonly name = 'ExecOutcomeUnknownError';

  public constructor(
    what: string,
    /** What has kept the end of the command from us. */
    public readonly fault: ExecFault,
    /** As the log of the account has it. */
    public readonly sessionId: string,
    cause?: unknown,
  ) {
    super(`${what}: whether and how the command has ended is unknown. Look at what it should have done before you run it again (session ${sessionId})`, { cause });
  }
}
