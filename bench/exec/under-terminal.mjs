// A program under a pseudo-terminal, from which nothing but bytes is taken.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';

/** What `printf "%s%s" R34 "DY>"` shows, and no echo of it: what comes after counts. */
export const MARK = 'R34DY>';
export const PRINT_MARK = 'printf "%s%s" R34 "DY>"';

/** Runs a program that prints one JSON object. */
export async function measure(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  const [stdout, stderr, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}

/** Runs a program until it ends; see under-terminal.py for what there is to know then. */
export function underTerminal(...program) {
  return underTerminalTyping('', ...program);
}

/** The same, while somebody has typed ahead. */
export function underTerminalTyping(typed, ...program) {
  return measure('python3', [path.join(import.meta.dirname, 'under-terminal.py'), MARK, typed, ...program]);
}
