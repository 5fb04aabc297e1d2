/** What a terminal is told to do once and does from then on, and how it is told to stop: by the number of DEC's private modes. */
const SWITCHED_ON = [
  1, // cursor keys as an application has them
  9, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, // reports of the mouse and of the focus
  47, 1047, 1049, // the alternate screen
  2004, // brackets around what is pasted
];

/** On from the beginning: the cursor is seen, and lines are wrapped. */
const SWITCHED_OFF = [7, 25];

/** More of an unfinished sequence is not kept: it is none of these. */
const LONGEST = 64;

/**
 * Follows what the programs of a session switch on in the terminal.
 *
 * They switch it off when they end by themselves. Where they do not get to it, because the session broke off in an editor,
 * somebody else has to: but only what is on, as leaving the alternate screen without being there moves the cursor.
 */
export class TerminalModes {
  private readonly changed = new Set<number>();
  private keypad = false;
  private rest = '';

  /** Listens to what is shown, wherever it was cut. */
  public hear(data: Buffer): void {
    if (this.rest === '' && !data.includes(0x1b)) {
      return;
    }
    const text = this.rest + data.toString('latin1');
    for (const [, parameters, final, other] of text.matchAll(/\x1b(?:\[\?([\d;]+)([hl])|([=>c]))/g)) {
      if (other) {
        this.keypad = other === '=';
        if (other === 'c') {
          this.changed.clear();
        }
        continue;
      }
      for (const mode of parameters.split(';').map(Number)) {
        this.changeTo(mode, final === 'h');
      }
    }
    const last = text.lastIndexOf('\x1b');
    const isUnfinished = text.length - last < LONGEST && /^\x1b(?:\[(?:\?[\d;]*)?)?$/.test(text.slice(last));
    this.rest = isUnfinished ? text.slice(last) : '';
  }

  /** What undoes all that is still on; empty where nothing is. */
  public undone(): string {
    const modes = [...this.changed].map(mode => `\x1b[?${mode}${SWITCHED_OFF.includes(mode) ? 'h' : 'l'}`);
    const keypad = this.keypad ? '\x1b>' : '';
    this.changed.clear();
    this.keypad = false;
    return modes.join('') + keypad;
  }

  private changeTo(mode: number, isOn: boolean): void {
    if (!SWITCHED_ON.includes(mode) && !SWITCHED_OFF.includes(mode)) {
      return;
    }
    if (isOn === SWITCHED_OFF.includes(mode)) {
      this.changed.delete(mode);
    } else {
      this.changed.add(mode);
    }
  }
}
