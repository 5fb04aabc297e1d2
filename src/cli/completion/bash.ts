import { id, Offers, OfferedValue, quote, steps, valued } from './offers';

/** The script for bash, from version 3.2 on, which macOS has. */
export function bashCompletion(program: string, offers: Offers[]): string {
  const words = (list: readonly string[]) => quote(list.join(' '));
  const value = ({ choices, file }: OfferedValue) => file ? 'files=1' : `words=${words(choices)}`;
  return `# Completion of ${program} for bash. It is made by: ${program} completion bash
_${id(program)}() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' option='' words='' files='' word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    # bash cuts --option=value in three.
    if [[ $option && $word == '=' ]]; then continue; fi
    if [[ $option ]]; then option=''; continue; fi
    case "$command $word" in
${steps(offers).map(({ words: from, path }) => `      ${quote(from)}) command=${quote(path)} ;;`).join('\n')}
${valued(offers).map(({ words: from }) => `      ${quote(from)}) option=$word ;;`).join('\n')}
    esac
  done
  if [[ $current == '=' ]]; then current=''; fi
  if [[ $option ]]; then
    case "$command $option" in
${valued(offers).map(({ words: from, value: of }) => `      ${quote(from)}) ${value(of)} ;;`).join('\n')}
    esac
  elif [[ $current == -* ]]; then
    case "$command" in
${offers.map(({ path, options }) => `      ${quote(path)}) words=${words(options.flatMap(({ names }) => names))} ;;`).join('\n')}
    esac
  else
    case "$command" in
${offers.map(({ path, commands, argument }) => `      ${quote(path)}) ${argument ? value(argument) : `words=${words(commands.map(({ name }) => name))}`} ;;`).join('\n')}
    esac
  fi
  COMPREPLY=()
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "$current")
  else
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -W "$words" -- "$current")
  fi
}
complete -F _${id(program)} ${program}
`;
}
