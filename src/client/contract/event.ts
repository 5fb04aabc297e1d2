import { isEarlierForm } from './earlier-form';
import { environmentProblems } from './event-environment';
import { hasHalfCharacters } from './half-characters';

/** How bytes are written in a JSON string. */
export type TextEncoding = 'utf8' | 'base64';

/** What the function is asked to do. */
export interface CommandEvent {
  /** A command for bash, as in `bash -c`. */
  readonly cmd: string;

  /**
   * How `cmd` is written.
   *
   * @default - as text; but as base64 where it is in the form that earlier deployments expected, see `isEarlierForm`.
   *   Programs should always say it.
   */
  readonly cmdEncoding?: TextEncoding;

  /**
   * Environment variables of the command, besides those of the function.
   *
   * @default - none
   */
  readonly env?: { readonly [name: string]: string };

  /**
   * What the command reads from its standard input.
   *
   * @default - nothing: the command sees the end of the file at once
   */
  readonly stdin?: string;

  /**
   * How `stdin` is written.
   *
   * @default 'utf8'
   */
  readonly stdinEncoding?: TextEncoding;

  /**
   * Answer with a stream of frames while the command runs, instead of one JSON result after it has ended.
   *
   * @default false
   */
  readonly stream?: boolean;

  /**
   * Make an exit code other than 0 an error of the function, so that asynchronous calls reach their dead-letter queue.
   *
   * @default false
   */
  readonly failOnNonZero?: boolean;

  /**
   * How long the command may take, in seconds; after that it gets SIGTERM, and SIGKILL 5 seconds later.
   *
   * @default - as long as the function; what ends first counts
   */
  readonly timeoutSeconds?: number;
}

/** An event that was understood. */
export interface Command {
  /** The bytes of the command: what was given in base64 need not be UTF-8. */
  readonly cmd: Buffer;
  readonly env: ReadonlyArray<readonly [name: string, value: string]>;
  readonly stdin?: Buffer;
  readonly stream: boolean;
  readonly failOnNonZero: boolean;
  readonly timeoutSeconds?: number;
}

/** What the function's error is called when the event makes no sense. */
export const INVALID_EVENT = 'InvalidEvent';

/** The event makes no sense; the message names everything that is wrong with it. */
export class InvalidEventError extends Error {
  public readonly name = INVALID_EVENT;

  public constructor(public readonly problems: string[]) {
    super(`the event is not valid: ${problems.join('; ')}`);
  }
}

const STRINGS = ['cmd', 'cmdEncoding', 'stdin', 'stdinEncoding'] as const;
const BOOLEANS = ['stream', 'failOnNonZero'] as const;

/** `host` was sent to the earliest deployments; where the server is has become the function's own business. */
const IGNORED = ['host'];
const KNOWN: string[] = [...STRINGS, ...BOOLEANS, 'timeoutSeconds', 'env'];

/** Besides that, its length is a multiple of four. An expression with groups that says so, too, takes no more than some MB. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/**
 * Reads an event.
 *
 * @param event what `JSON.parse` has made of the function's payload
 * @throws InvalidEventError that names all that is wrong
 */
export function parseEvent(event: unknown): Command {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    throw new InvalidEventError([`it must be an object with the field cmd, not ${kind(event)}`]);
  }
  const fields = event as { [name: string]: unknown };
  const problems: string[] = [];
  for (const name of Object.keys(fields).filter(field => !KNOWN.includes(field) && !IGNORED.includes(field))) {
    problems.push(`it has no field ${shown(name)} (there are ${KNOWN.join(', ')})`);
  }
  for (const name of STRINGS.filter(field => fields[field] !== undefined && typeof fields[field] !== 'string')) {
    problems.push(`${name} must be a string, not ${kind(fields[name])}`);
  }
  for (const name of BOOLEANS.filter(field => fields[field] !== undefined && typeof fields[field] !== 'boolean')) {
    problems.push(`${name} must be true or false, not ${kind(fields[name])}`);
  }
  const { timeoutSeconds } = fields;
  if (timeoutSeconds !== undefined && (typeof timeoutSeconds !== 'number' || !(timeoutSeconds > 0))) {
    problems.push(`timeoutSeconds must be a number above 0, not ${typeof timeoutSeconds === 'number' ? timeoutSeconds : kind(timeoutSeconds)}`);
  }
  if (fields.cmd === undefined) {
    problems.push('cmd is missing');
  }
  const cmd = bytesOf('cmd', fields, problems);
  if (cmd && cmd.toString('latin1').trim() === '') {
    problems.push('cmd is empty');
  }
  if (cmd?.includes(0)) {
    problems.push('cmd contains a NUL byte, which no command can');
  }
  const stdin = bytesOf('stdin', fields, problems);
  problems.push(...environmentProblems(fields.env));
  if (problems.length > 0 || !cmd) {
    throw new InvalidEventError(problems);
  }
  return {
    cmd,
    env: Object.entries((fields.env ?? {}) as { [name: string]: string }),
    stdin,
    stream: fields.stream === true,
    failOnNonZero: fields.failOnNonZero === true,
    ...timeoutSeconds !== undefined && { timeoutSeconds: timeoutSeconds as number },
  };
}

function bytesOf(name: 'cmd' | 'stdin', fields: { [name: string]: unknown }, problems: string[]): Buffer | undefined {
  const [text, encoding] = [fields[name], fields[`${name}Encoding`]];
  if (typeof encoding === 'string' && encoding !== 'utf8' && encoding !== 'base64') {
    problems.push(`${name}Encoding must be 'utf8' or 'base64', not ${shown(encoding)}`);
    return undefined;
  }
  if (typeof text !== 'string') {
    return undefined;
  }
  const base64 = encoding === 'base64' || (encoding === undefined && name === 'cmd' && isEarlierForm(text));
  if (base64 && !(text.length % 4 === 0 && BASE64.test(text))) {
    problems.push(`${name} is not base64, which ${name}Encoding says it is`);
    return undefined;
  }
  if (!base64 && hasHalfCharacters(text)) {
    problems.push(`${name} contains half a surrogate pair, which is no text`);
    return undefined;
  }
  return Buffer.from(text, base64 ? 'base64' : 'utf8');
}

function kind(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** As it stands in the message: short, and without control characters. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
