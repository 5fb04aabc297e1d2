import { isUtf8 } from 'node:buffer';
import { CommandRun } from './command-run';
import type { CommandOutput } from './deployed-client';

/** How a command has ended, for all languages. */
export function commandOutput({ stdout, stderr, exitCode, timedOut, durationMs }: CommandRun, requestId: string): CommandOutput {
  return {
    exitCode,
    timedOut,
    durationMs,
    stdout: stdout.toString(encodingOf(stdout)),
    stdoutEncoding: encodingOf(stdout),
    stderr: stderr.toString(encodingOf(stderr)),
    stderrEncoding: encodingOf(stderr),
    requestId,
  };
}

function encodingOf(bytes: Buffer): 'utf8' | 'base64' {
  return isUtf8(bytes) ? 'utf8' : 'base64';
}
