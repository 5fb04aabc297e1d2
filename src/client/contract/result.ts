import { TextEncoding } from './event';

/** How a command has ended, and how much it has printed: the same in both modes. */
export interface CommandOutcome {
  /** Null where a signal has ended the command. */
  readonly exitCode: number | null;

  /** The name of the signal that has ended the command, such as `SIGKILL`; else null. */
  readonly signal: string | null;

  /** Whether the command was stopped because its time or the function's was over. */
  readonly timedOut: boolean;

  /** From handing the command to bash until the end of the command and of its output. */
  readonly durationMs: number;

  /** How many bytes the command has printed; what was left out of the answer is counted, too. */
  readonly stdoutBytes: number;
  readonly stderrBytes: number;

  /** SHA-256 of all that the command has printed, in hexadecimal digits. */
  readonly stdoutSha256: string;
  readonly stderrSha256: string;
}

/**
 * The answer of a call without `stream`.
 *
 * There is no `returncode`, `parsed_cmd` or `env` as earlier deployments gave: the first would be a second name for
 * `exitCode`, and the others would repeat the caller's secrets to whoever reads results.
 */
export interface CommandResult extends CommandOutcome {
  /** What the command has printed, or, where `stdoutCut` is present, the beginning of it. */
  readonly stdout: string;

  /** `base64` where the output is not UTF-8, or is too large as text but not so in base64. */
  readonly stdoutEncoding: TextEncoding;

  readonly stderr: string;
  readonly stderrEncoding: TextEncoding;

  /** Whether something was left out: then `stdoutCut`, `stderrCut` or both say what. */
  readonly truncated: boolean;

  readonly stdoutCut?: OutputCut;
  readonly stderrCut?: OutputCut;
}

/** What is missing from a stream that did not fit into the answer. */
export interface OutputCut {
  /** The end of the stream, encoded as its beginning is. */
  readonly tail: string;

  /** How many bytes between the beginning and the end are missing. */
  readonly omittedBytes: number;

  /** Where the whole stream is: an `s3://` address. Present only where all of it is there. */
  readonly whole?: string;

  /** Why it is not there, although there is a bucket for results. */
  readonly wholeError?: string;
}

/** The last frame of a streamed answer. Its counts and sums are those of the frames before it. */
export interface StreamEnd extends CommandOutcome {
  /** Whether the command was stopped because it printed more than a streamed response can carry. */
  readonly outputLimitExceeded: boolean;
}

/** What the function's error is called for an exit code other than 0, where the caller asked for an error. */
export const NON_ZERO_EXIT = 'NonZeroExit';

/** What the error in the trailers of a streamed answer is called where the command has printed too much. */
export const OUTPUT_LIMIT_EXCEEDED = 'OutputLimitExceeded';

/**
 * The most that the JSON of a buffered answer may measure, in bytes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const BUFFERED_ANSWER_BYTES = 6 * 1024 * 1024;

/**
 * The most that a streamed answer may measure, in bytes.
 *
 * AWS says 200 MB, and not which megabytes: the smaller ones are safe.
 */
export const STREAMED_ANSWER_BYTES = 200_000_000;
