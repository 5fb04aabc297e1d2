import { spawnSync } from 'node:child_process';

/** Runs a program that must succeed, and answers the lines that it prints. */
function lines(command: string, args: string[], cwd: string): string[] {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 30_000, env: { ...process.env, HOME: cwd, TERM: 'dumb' } });
  if (status !== 0 || stderr) {
    throw new Error(`${command} ended with ${status}: ${stderr}${stdout}`);
  }
  return stdout.split(/\r?\n/).filter(Boolean);
}

/** Calls the function that the script gives bash, with the words as bash cuts them. */
function completeInBash(script: string, line: string, cwd: string): string[] {
  const words = line.split(/ |(?<==)|(?==)/);
  return lines('bash', ['--norc', '--noprofile', '-c',
    'set -u; source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
    + '"$(complete -p vast-cloud | sed "s/.*-F //; s/ .*//")"; printf "%s\\n" ${COMPREPLY[@]+"${COMPREPLY[@]}"}',
    'bash', script, ...words], cwd);
}

/** Types the line and a TAB into a zsh at a terminal, and takes down what it adds to its matches. */
function completeInZsh(script: string, line: string, cwd: string): string[] {
  return lines('zsh', ['-f', '-c', `
    zmodload zsh/zpty
    zpty inner zsh -f -i
    zpty -w inner "PS1= PS2= RPS1=; autoload -Uz compinit; compinit -D; source \${(q)1}; source \${(q)2}"
    zpty -r inner seen '*:COMPLETER:READY:*'
    zpty -w -n inner "$3"$'\\t'
    zpty -r inner seen '*:COMPLETER:DONE:*'
    print -r -- "$seen" | tr -d '\\r' | sed -n 's/.*:MATCH:\\(.*\\):$/\\1/p'
    zpty -d inner`, 'zsh', script, `${__dirname}/capture.zsh`, line], cwd);
}

/** Asks fish, which can be asked. */
function completeInFish(script: string, line: string, cwd: string): string[] {
  return lines('fish', ['--no-config', '-c', 'source $argv[1]; complete -C $argv[2]', script, line], cwd).map(match => match.split('\t')[0]);
}

/** The shells by their names, each with how to ask it what it would offer at the end of a line. */
export const SHELLS: { readonly [shell: string]: (script: string, line: string, cwd: string) => string[] } = {
  bash: completeInBash, fish: completeInFish, zsh: completeInZsh,
};

export function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0;
}
