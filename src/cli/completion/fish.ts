import { id, Offers, OfferedValue, steps, valued } from './offers';

/** The script for fish. */
export function fishCompletion(program: string, offers: Offers[]): string {
  const name = id(program);
  const value = ({ choices, file }: OfferedValue) => file ? '-r -F' : `-x${choices.length > 0 ? ` -a ${quote(choices.join(' '))}` : ''}`;
  const rules = offers.flatMap(({ path, commands, options, argument }) => {
    const at = `complete -c ${program} -n ${quote(`__${name}_at ${quote(path)}`)}`;
    return [
      ...commands.map(command => `${at} -a ${quote(command.name)} -d ${quote(command.description)}`),
      ...argument?.choices.length ? [`${at} -a ${quote(argument.choices.join(' '))}`] : [],
      ...argument?.file ? [`${at} -F`] : [],
      ...options.map(option => [at, ...option.names.map(flag => flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`),
        `-d ${quote(option.description)}`, ...option.value ? [value(option.value)] : []].join(' ')),
    ];
  });
  return `# Completion of ${program} for fish. It is made by: ${program} completion fish
function __${name}_at
    set -l command ''
    set -l option ''
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option ''
            continue
        end
        switch "$command $word"
${steps(offers).map(({ words, path }) => `            case ${quote(words)}\n                set command ${quote(path)}`).join('\n')}
${valued(offers).map(({ words }) => `            case ${quote(words)}\n                set option $word`).join('\n')}
        end
    end
    test "$command" = "$argv[1]"
end
complete -c ${program} -f
${rules.join('\n')}
`;
}

/** As one word of fish. */
function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
