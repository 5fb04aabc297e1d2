import { TerminalModes } from '../../../../src/runtime/exec/interactive/terminal-modes';

/** What has to be undone after so much was shown, piece by piece. */
function undoneAfter(...pieces: string[]): string {
  const modes = new TerminalModes();
  pieces.forEach(piece => modes.hear(Buffer.from(piece, 'latin1')));
  return modes.undone();
}

test.each([
  ['nothing where nothing was changed', ['plain text\r\n\x1b[31mred\x1b[0m'], ''],
  ['the alternate screen of an editor, and a cursor that was hidden', ['\x1b[?1049h\x1b[?25l text'], '\x1b[?1049l\x1b[?25h'],
  ['what was switched on several at a time', ['\x1b[?1000;1006h'], '\x1b[?1000l\x1b[?1006l'],
  ['brackets around pastes', ['\x1b[?2004h$ '], '\x1b[?2004l'],
  ['the keypad', ['\x1b='], '\x1b>'],
  ['nothing that the program has undone itself', ['\x1b[?1049h\x1b[?25l\x1b=', 'x', '\x1b[?25h\x1b[?1049l\x1b>'], ''],
  ['nothing after a full reset', ['\x1b[?1049h\x1bc'], ''],
  ['what nobody has to undo', ['\x1b[?12h\x1b[?9999h'], ''],
  ['what was cut in two', ['text\x1b', '[?10', '49', 'h'], '\x1b[?1049l'],
  ['what was cut, and is something else', ['\x1b', '[31mx\x1b[?', '25l'], '\x1b[?25h'],
])('%s', (_what, pieces, expected) => {
  expect(undoneAfter(...pieces)).toBe(expected);
});

test('however it is cut', () => {
  const shown = 'a\x1b[?1049hb\x1b[31mc\x1b[?25l\x1b[?1002;1006hd\x1b=e\x1b[?1002l';
  for (let first = 0; first <= shown.length; first++) {
    for (let second = first; second <= shown.length; second++) {
      expect(undoneAfter(shown.slice(0, first), shown.slice(first, second), shown.slice(second))).toBe('\x1b[?1049l\x1b[?25h\x1b[?1006l\x1b>');
    }
  }
});

test('it is undone once', () => {
  const modes = new TerminalModes();
  modes.hear(Buffer.from('\x1b[?25l'));
  expect(modes.undone()).toBe('\x1b[?25h');
  expect(modes.undone()).toBe('');
});

test('an escape that never ends is not kept', () => {
  const modes = new TerminalModes();
  modes.hear(Buffer.from('\x1b[?' + '1;'.repeat(100_000)));
  modes.hear(Buffer.from('25l'));
  expect(modes.undone()).toBe('');
});
