import { closeSync, constants, openSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Linux takes no argument that is longer, the NUL byte at its end included. */
const LONGEST_ARGUMENT_BYTES = 128 * 1024 - 1;

/** Reads the command from a descriptor, for one that is too long to be an argument; the command does not see that one. */
const FROM_DESCRIPTOR = 'BASH_EXECUTION_STRING=$(</dev/fd/3); exec 3<&-; eval "$BASH_EXECUTION_STRING"';

/** The line that makes a waiting shell the command. */
export interface CommandLine {
  /** A character for each byte. */
  readonly line: string;

  /** To be called when the command has ended. */
  release(): void;
}

/**
 * What `bash -c` would be called with, as a line for the waiting shell.
 *
 * @param environment besides what the waiting shell has
 * @param hasStdin whether the command reads the pipe at 3, or nothing
 * @param scratchDirectory where a long command may lie, under no name
 */
export function commandLine(
  command: Buffer, environment: ReadonlyArray<readonly [string, string]>, hasStdin: boolean, scratchDirectory: string,
): CommandLine {
  const exported = environment.map(([name, value]) => `export ${name}=${quoted(Buffer.from(value))};`).join('');
  const stdin = hasStdin ? '<&3' : '</dev/null';
  const line = (argument: Buffer, third: string) => `${exported}exec bash -c ${quoted(argument)} ${stdin} ${third}\n`;
  if (command.length <= LONGEST_ARGUMENT_BYTES) {
    return { line: line(command, '3<&-'), release: () => {} };
  }
  const descriptor = withoutName(command, join(scratchDirectory, '.cdk-vast-command'));
  return {
    line: line(Buffer.from(FROM_DESCRIPTOR), `3</proc/${process.pid}/fd/${descriptor}`),
    release: () => closeSync(descriptor),
  };
}

/** Any bytes, as one word of a shell; one character for each byte. */
function quoted(bytes: Buffer): string {
  return `'${bytes.toString('latin1').replaceAll("'", "'\\''")}'`;
}

function withoutName(content: Buffer, path: string): number {
  writeFileSync(path, content, { mode: 0o600 });
  const descriptor = openSync(path, constants.O_RDONLY);
  unlinkSync(path);
  return descriptor;
}
