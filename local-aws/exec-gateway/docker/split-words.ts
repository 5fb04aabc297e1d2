/** A command that is no command. */
export class UnreadableCommandError extends Error {
  public override readonly name = 'UnreadableCommandError';
}

type Quote = '"' | "'" | '';

/**
 * The words of a command, as the agent makes them: there is no shell, only quotes and backslashes are heeded.
 *
 * A word that begins with a number sign begins a comment, to the end of its line.
 *
 * @throws UnreadableCommandError where a quote or an escape is not finished, or there is no word
 */
export function splitWords(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote: Quote = '';
  let comment = false;
  let escaped = false;
  for (const character of command) {
    if (comment) {
      comment = character !== '\n';
    } else if (escaped) {
      word = (word ?? '') + character;
      escaped = false;
    } else if (character === '\\' && quote !== "'") {
      escaped = true;
    } else if (quote !== '') {
      if (character === quote) {
        quote = '';
      } else {
        word += character;
      }
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (' \t\r\n'.includes(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === '#' && word === undefined) {
      comment = true;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (escaped) {
    throw new UnreadableCommandError('EOF found after escape character');
  } else if (quote !== '') {
    throw new UnreadableCommandError('EOF found when expecting closing quote');
  }
  if (word !== undefined) words.push(word);
  if (words.length === 0) {
    throw new UnreadableCommandError('there is no command in it');
  }
  return words;
}
