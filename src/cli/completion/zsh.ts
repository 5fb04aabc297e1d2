import { id, Offers, OfferedValue, quote, steps, valued } from './offers';

/** The script for zsh: to be sourced after compinit, or as the file `_vast-cloud` in a directory of fpath. */
export function zshCompletion(program: string, offers: Offers[]): string {
  const described = (name: string, description: string) => quote(`${name.replace(/:/g, '\\:')}:${description.replace(/:/g, '\\:')}`);
  const value = ({ choices, file }: OfferedValue) => file ? '_files'
    : choices.length > 0 ? `values=(${choices.map(quote).join(' ')}); compadd -a values` : "_message 'value'";
  return `#compdef ${program}
# Completion of ${program} for zsh. It is made by: ${program} completion zsh
_${id(program)}() {
  local command='' option='' word i
  local -a commands options values
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    if [[ -n $option ]]; then option=''; continue; fi
    case "$command $word" in
${steps(offers).map(({ words, path }) => `      ${quote(words)}) command=${quote(path)} ;;`).join('\n')}
${valued(offers).map(({ words }) => `      ${quote(words)}) option=$word ;;`).join('\n')}
    esac
  done
  if [[ -z $option ]] && compset -P '--*='; then option=\${words[CURRENT]%%=*}; fi
  if [[ -n $option ]]; then
    case "$command $option" in
${valued(offers).map(({ words, value: of }) => `      ${quote(words)}) ${value(of)} ;;`).join('\n')}
    esac
    return
  fi
  case "$command" in
${offers.map(({ path, commands, options, argument }) => `    ${quote(path)})
      options=(${options.flatMap(({ names, description }) => names.map(name => described(name, description))).join(' ')})
      commands=(${commands.map(({ name, description }) => described(name, description)).join(' ')})
      if [[ $PREFIX == -* ]]; then _describe -o 'option' options; ${argument ? `else ${value(argument)}` : "elif (( $#commands )); then _describe 'command' commands"}; fi ;;`).join('\n')}
  esac
}
if [[ $funcstack[1] == _${program} ]]; then _${id(program)} "$@"; else compdef _${id(program)} ${program}; fi
`;
}
