import { Command } from 'commander';
import { bashCompletion } from './bash';
import { fishCompletion } from './fish';
import { Offers, offersOf } from './offers';
import { zshCompletion } from './zsh';

const SHELLS: { readonly [shell: string]: (program: string, offers: Offers[]) => string } = {
  bash: bashCompletion, fish: fishCompletion, zsh: zshCompletion,
};

/** A script that completes the program's commands in a shell: by itself, since starting Node.js at every TAB takes too long. */
export function completionScript(program: Command, shell: string): string {
  return SHELLS[shell](program.name(), offersOf(program));
}
