import { Command } from 'commander';

/** What may follow where a value is expected: certain words, a file, or what nobody can guess. */
export interface OfferedValue {
  readonly choices: readonly string[];
  readonly file: boolean;
}

export interface OfferedOption {
  /** As they are written: `--name`, and `-n` where there is a short form. */
  readonly names: string[];
  readonly description: string;
  /** Undefined for an option that is on or off. */
  readonly value?: OfferedValue;
}

export interface OfferedCommand {
  readonly name: string;
  readonly description: string;
}

/** What can be typed after a command. */
export interface Offers {
  /** The words that lead there, without the program's own name; empty for the program itself. */
  readonly path: string;
  readonly commands: OfferedCommand[];
  readonly options: OfferedOption[];
  /** What its first argument may be; undefined where it has none. */
  readonly argument?: OfferedValue;
}

/** What can be typed after the program and each of its commands, as the help shows it. */
export function offersOf(program: Command): Offers[] {
  const offersAt = (command: Command, path: string[]): Offers[] => {
    const help = command.createHelp();
    const children = help.visibleCommands(command);
    const [argument] = command.registeredArguments;
    // commander takes the program's options after its commands, too.
    const options = [...help.visibleOptions(command), ...path.length > 0 ? help.visibleOptions(program) : []];
    return [{
      path: path.join(' '),
      commands: children.map(child => ({ name: child.name(), description: child.description() })),
      options: options.filter((option, index) => options.findIndex(({ long }) => long === option.long) === index).map(option => ({
        names: [option.long, option.short].filter((name): name is string => Boolean(name)),
        description: option.description,
        value: option.required || option.optional ? valueOf(option.argChoices, option.flags) : undefined,
      })),
      argument: argument && valueOf(argument.argChoices, argument.name()),
    }, ...children.flatMap(child => offersAt(child, [...path, child.name()]))];
  };
  return offersAt(program, []);
}

function valueOf(choices: readonly string[] | undefined, placeholder: string): OfferedValue {
  return { choices: choices ?? [], file: /file|path|directory/.test(placeholder.replace(/^.*[<[]/, '')) };
}

/** Each word that leads from one command to another: `from word`, and where it leads. */
export function steps(offers: Offers[]): { readonly words: string; readonly path: string }[] {
  return offers.flatMap(({ path, commands }) => commands.map(({ name }) => ({ words: `${path} ${name}`, path: path ? `${path} ${name}` : name })));
}

/** Each option that has a value: `command option`, and what the value may be. */
export function valued(offers: Offers[]): { readonly words: string; readonly value: OfferedValue }[] {
  return offers.flatMap(({ path, options }) => options.flatMap(({ names, value }) =>
    value ? names.map(name => ({ words: `${path} ${name}`, value })) : []));
}

/** As one word of a POSIX shell, bash, zsh. */
export function quote(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** The program's name as a part of a function's. */
export function id(program: string): string {
  return program.replace(/\W/g, '_');
}
