import { hasHalfCharacters } from './half-characters';

/** What a shell can name, and therefore read. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Linux takes no single `NAME=value` beyond 128 KiB, the NUL byte at its end included. */
const VARIABLE_BYTES = 128 * 1024 - 1;

/** Nor more of them together than a quarter of the stack (2 MiB, usually), arguments and the function's own included. */
const ENVIRONMENT_BYTES = 1024 * 1024;

/** What is wrong with the field `env` of an event. */
export function environmentProblems(env: unknown): string[] {
  if (env === undefined) {
    return [];
  }
  if (typeof env !== 'object' || env === null || Array.isArray(env)) {
    return ['env must be an object of strings'];
  }
  const problems: string[] = [];
  let bytes = 0;
  for (const [name, value] of Object.entries(env as { [name: string]: unknown })) {
    const shown = JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
    if (!NAME.test(name)) {
      problems.push(`env has the name ${shown}; names consist of letters, digits and underscores, and begin with no digit`);
    }
    if (typeof value !== 'string') {
      problems.push(`env's ${shown} must be a string`);
      continue;
    }
    if (value.includes('\0')) {
      problems.push(`env's ${shown} contains a NUL byte`);
    }
    if (hasHalfCharacters(value)) {
      problems.push(`env's ${shown} contains half a surrogate pair, which is no text`);
    }
    const size = Buffer.byteLength(name) + Buffer.byteLength(value) + 1;
    bytes += size;
    if (size > VARIABLE_BYTES) {
      problems.push(`env's ${shown} is longer than the 128 KiB that Linux allows`);
    }
  }
  if (bytes > ENVIRONMENT_BYTES) {
    problems.push('env is larger than 1 MiB in total');
  }
  return problems;
}
