import { INPUT } from './input';
import { OUTPUT } from './output';
import { PREPARATION } from './preparation';
import { RUN } from './run';

/** What goes with one run of the program. */
export interface RemoteSettings {
  /** Begins every frame; nobody but the program and we know it. */
  readonly nonce: string;

  /** The name of the directory for what has to be in files, without the place. */
  readonly directory: string;

  /** The absolute path of the shell that runs the script. */
  readonly shell: string;

  /** Whether the command has an input. */
  readonly stdin: boolean;

  /** How long those who still hold the output are waited for after the command's end, in seconds. */
  readonly graceSeconds: number;

  /** How long the command may take, in seconds; 0 where there is no limit. */
  readonly timeoutSeconds: number;

  /** How often there is a sign of life, in seconds. */
  readonly heartbeatSeconds: number;

  /** The interval of the checks for a heartbeat of the client, in seconds, and the number of misses that end the command. */
  readonly lookSeconds: number;
  readonly looks: number;
}

/**
 * The program for one run, as it is sent: one that /bin/sh of Debian, Alpine and Fedora understands.
 *
 * Processes of it, besides the command:
 *
 * - two collectors, one for each stream: whatever is in the stream goes into a file at once, and the writer hears of it;
 * - one writer, so that frames cannot get mixed up: takes what has gathered in the files, encodes it and writes it to the
 *   terminal. The longer it takes, the more has gathered for the next frame, so that much output costs few processes, and
 *   little is never held back;
 * - one reader of the terminal: input for the command, and the end of the session, after which nothing may be left;
 * - a guard in a session of its own, for when all these are killed;
 * - a watch over the client, which ends the command when nothing has come from there for too long;
 * - the feeder of the command's input, which may wait for the command as long as it likes, and clocks.
 *
 * The first process runs the command in the foreground: in the background, shells ignore SIGINT and SIGQUIT for it. Script and
 * environment have no name in the file system any more when the command begins: its shell reads them from descriptors of the
 * first process.
 *
 * Descriptors: 3 and 4 environment and script, 5 the file with the process of the command, or the fifo of a collector, 6 the fifo
 * to the writer, 7 that of the guard or of the feeder, 8 and 9 the terminal.
 */
export function remoteProgram(settings: RemoteSettings): string {
  const { nonce, directory, shell, stdin, graceSeconds, timeoutSeconds, heartbeatSeconds, lookSeconds, looks } = settings;
  const lines = `
cdkv_nonce=${nonce}
cdkv_name=${directory}
cdkv_shell=${shell}
cdkv_stdin=${stdin ? 1 : ''}
cdkv_grace=${graceSeconds}
cdkv_limit=${timeoutSeconds}
cdkv_beat=${heartbeatSeconds}
cdkv_look=${lookSeconds}
cdkv_looks=${looks}
${PREPARATION}${OUTPUT}${INPUT}${RUN}`.split('\n').map(line => line.trim());
  return lines.filter(line => line !== '' && !line.startsWith('#')).join('\n');
}
