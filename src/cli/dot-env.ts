import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { UserError } from './errors';
import { isUtf16 } from '../runtime/text-file';

/** Variables that name an AWS account, and those that go with keys. Mixed from two places they would be of no account. */
const ACCOUNT = ['AWS_ACCESS_KEY_ID', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE'];
const WITH_KEYS = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * The environment with what `.env` of the current directory adds to it; what is exported wins.
 *
 * Where the exported variables name an AWS account, those of `.env` that would name one do not count. Keys of `.env` have
 * their secret and token from there, too.
 *
 * @throws UserError where the file cannot be read, is no text, or has a line that sets no variable
 */
export function environmentWithDotEnv(environment: NodeJS.ProcessEnv = process.env, file = '.env'): NodeJS.ProcessEnv {
  const text = content(file);
  refuseMalformed(text, file);
  const added: NodeJS.ProcessEnv = parseEnv(text);
  const exported = { ...environment };
  if (ACCOUNT.some(name => exported[name])) {
    [...ACCOUNT, ...WITH_KEYS].forEach(name => delete added[name]);
  } else if (added.AWS_ACCESS_KEY_ID && exported.AWS_ACCESS_KEY_ID === undefined) {
    WITH_KEYS.forEach(name => delete exported[name]);
  }
  return { ...added, ...exported };
}

function content(file: string): string {
  let bytes: Buffer;
  try {
    if (statSync(file).isCharacterDevice()) {
      throw new UserError(`${path.resolve(file)} is a device: vast-cloud reads variables from a file of that name`);
    }
    bytes = readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof UserError) {
      throw error;
    } else if (code === 'ENOENT') {
      return '';
    }
    const name = path.resolve(file);
    throw new UserError(code === 'EISDIR' ? `${name} is a directory: vast-cloud reads variables from a file of that name; rename the directory, or call vast-cloud from another one`
      : code === 'EACCES' || code === 'EPERM' ? `${name} cannot be read by this user: chmod u+r ${file}, or chown it`
        : `${name} cannot be read: ${message}`);
  }
  try {
    // A byte order mark is no part of the text.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) {
      return text;
    }
  } catch {
    // Not UTF-8.
  }
  throw new UserError(`${path.resolve(file)} is not in UTF-8${isUtf16(bytes) || bytes.includes(0) ? ', but in UTF-16' : ''}: save it as UTF-8, in PowerShell with Set-Content -Encoding utf8`);
}

/** Refuses lines that set no variable: Node.js takes them, up to the next `=`, for the name of the variable after them. */
function refuseMalformed(text: string, file: string): void {
  const malformed: number[] = [];
  let quote: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, value = ''] = /^\s*(?:export\s+)?[\w.-]+\s*=\s*(.*)$/.exec(line) ?? [];
    if (quote) {
      quote = line.includes(quote) ? undefined : quote;
    } else if (/^["'`]/.test(value)) {
      quote = value.includes(value[0], 1) ? undefined : value[0];
    } else if (line.trim() && !/^\s*(#|(export\s+)?[\w.-]+\s*=)/.test(line)) {
      // Not what is in it, which may be a part of a secret.
      malformed.push(index + 1);
    }
  }
  if (malformed.length > 0) {
    throw new UserError(`${path.resolve(file)} has ${malformed.length > 1 ? 'lines that set' : 'a line that sets'} no variable (${malformed.join(', ')}): `
      + 'write NAME=value, or # before a comment');
  }
}
