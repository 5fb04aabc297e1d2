/** The environment of a command, as names and values. */
export type Environment = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * What is run to begin with: a small script that becomes the command's shell.
 *
 * Its arguments are the directory, and the umask that the command is to have. The script of the command is read from its
 * file, because a word of a command line has no room for more than 128 KiB; in it, `$0` is the shell, as with `sh -c`.
 * The variables go through env(1): a shell has names of its own that it lets nobody set.
 */
export function launcher(shell: string, env: Environment): Buffer {
  const variables = env.map(([name, value]) => ` ${quoted(`${name}=${value}`)}`);
  return Buffer.from([
    'echo $$ >"$1/pid"',
    // Whoever has called it off before may not have found us.
    '[ ! -e "$1/called" ] || exit 143',
    'umask "$2"',
    `exec ${variables.length > 0 ? `env${variables.join('')} ` : ''}${shell} -c ". $1/sh" ${shell.slice(shell.lastIndexOf('/') + 1)}`,
    '',
  ].join('\n'));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
