import { CommandRun } from '../../command-run';

/** A process that the command has left behind, with the command's output open. */
export interface LeftProcess {
  /** Its number in the container. */
  readonly pid: number;

  /** Its command line, its words separated by blanks. */
  readonly command: string;
}

/** How a command has ended in the container of a server, and what it has printed. */
export interface CapturedResult extends CommandRun {
  /** The session's id, as the log of the account has it. */
  readonly sessionId: string;

  /** Whether it was stopped because nothing was seen of it for `idleTimeoutSeconds`. */
  readonly wasIdle: boolean;

  /**
   * Who could still print something when the grace period was over. They go on, but nobody reads what they print: it is
   * not in the result, and a process that prints more gets SIGPIPE.
   */
  readonly leftRunning: readonly LeftProcess[];

  /** With what the streams were compared: cksum, a CRC, where the image has no sha256sum. */
  readonly comparedBy: 'sha256sum' | 'cksum';
}
