/** The environment of a command, as names and values. */
export type Environment = ReadonlyArray<readonly [name: string, value: string]>;

/**
 * What is run to begin with: a small script that becomes the command's shell.
 *
 * Its arguments are the directory, the umask that the command is to have, the file of the command's script, and that of its
 * input. The script is read from a file, because a word of a command line has no room for more than 128 KiB; in it, `$0` is
 * the shell, as with `sh -c`. What the program that has made the session says is nothing that the command has printed, so
 * the command's streams begin here. The variables go through env(1): a shell has names of its own that it lets nobody set.
 */
export function launcher(shell: string, env: Environment): Buffer {
  const variables = env.map(([name, value]) => ` ${quoted(`${name}=${value}`)}`);
  return Buffer.from([
    'exec <"$4" >"$1/o" 2>"$1/e"',
    'echo $$ >"$1/pid"',
    // Whoever has called it off before may not have found us.
    '[ ! -e "$1/called" ] || exit 143',
    'umask "$2"',
    `exec ${variables.length > 0 ? `env${variables.join('')} ` : ''}${shell} -c ". $3" ${shell.slice(shell.lastIndexOf('/') + 1)}`,
    '',
  ].join('\n'));
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
