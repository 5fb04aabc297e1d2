import { isUtf8 } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { UserError } from './errors';

/** The replacement character: Node.js decodes bytes that are not UTF-8 to it. */
const REPLACEMENT = '\ufffd';

/**
 * Refuses arguments whose bytes are not UTF-8: Node.js has replaced these, so that what would run is another command.
 *
 * @param commandLine where the bytes of the arguments are; only Linux has them, and elsewhere the character itself is refused
 * @throws UserError
 */
export function refuseReplacedBytes(args: string[], commandLine = '/proc/self/cmdline'): void {
  const replaced = args.find(argument => argument.includes(REPLACEMENT));
  if (replaced !== undefined && !isUtf8(bytesOf(commandLine) ?? Buffer.of(0xff))) {
    const at = replaced.indexOf(REPLACEMENT);
    throw new UserError(`an argument has bytes that are not UTF-8, at the character ${at + 1} of ${JSON.stringify(replaced.slice(Math.max(0, at - 20), at + 20))}: `
      + 'Node.js replaces them. Give a command with such bytes as a file (--cmd file:///path) or on standard input (--cmd -), '
      + 'where they are passed on as they are, or write them as escapes, such as printf "\\377"');
  }
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
