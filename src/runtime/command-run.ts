/** How a command has ended, and what it has printed: the same, whichever way it was run. */
export interface CommandRun {
  /** As a shell has it: 128 and the signal's number where a signal has ended the command. */
  readonly exitCode: number;

  /**
   * The signal that has ended the command, such as `SIGKILL`. Through ECS Exec that is never known: the shell that sees the end
   * there does not tell SIGKILL from `exit 137`.
   *
   * @default - it ended by itself
   */
  readonly signal?: string;

  /** True if the command timed out and was stopped, with everything that it had started. */
  readonly timedOut: boolean;

  /** From the command's start until its end and that of its output, in milliseconds. */
  readonly durationMs: number;

  /** What it has printed; empty where that was not kept. */
  readonly stdout: Buffer;

  /** What it has printed on standard error; empty where that was not kept. */
  readonly stderr: Buffer;

  /** How many bytes it has printed, kept or not. */
  readonly stdoutBytes: number;

  /** The same of standard error. */
  readonly stderrBytes: number;

  /** SHA-256 of what it has printed, in hexadecimal digits; what has arrived was compared with what was sent. */
  readonly stdoutSha256: string;

  /** The same of standard error. */
  readonly stderrSha256: string;
}

/** Takes a piece of output. Nothing more is read while a promise that it has returned is pending. */
export type TakePiece = (piece: Buffer) => void | Promise<void>;

/** What becomes of what a command prints. */
export interface OutputOptions {
  /**
   * Takes what the command prints while it runs. While a promise that it has returned is pending, nothing more is read,
   * and a command that goes on printing waits.
   *
   * @default - it is kept, for the result
   */
  readonly onStdout?: TakePiece;

  /**
   * The same for standard error.
   *
   * @default - it is kept, for the result
   */
  readonly onStderr?: TakePiece;

  /**
   * Whether the output is in the result, too.
   *
   * @default - what nobody takes
   */
  readonly keepOutput?: boolean;
}
