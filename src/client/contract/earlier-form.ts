import { isUtf8 } from 'node:buffer';

/** Letters and digits, perhaps a path of them: a command that needs no character beyond those of base64. */
const WORDS_ALONE = /^[a-z0-9]+(?:\/[a-z0-9]+)*$/;

/** A command's name, then nothing or what can follow one. */
const NAME_FIRST = /^[a-z][a-z0-9_.-]*(?:[\s;|&<>()][\x20-\x7e\s]*)?$/;

/** No text has these: the C0 control characters but tab, line feed and carriage return; and DEL. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/**
 * Whether a command is in the form of earlier deployments: base64, and nothing that says so.
 *
 * It is taken as base64 if, and only if, all of this holds:
 *
 * 1. It is canonical: it consists of groups of four characters, padded with `=`, and decoding and encoding it again
 *    gives the same. Blanks, quotes, `$`, `|`, `-` and `.` do not occur in base64, so that hardly any command passes.
 * 2. What it decodes to is not empty, is UTF-8 and has no control characters other than tab and line ends. Of the
 *    names of programs that pass the first rule, about one in a hundred passes this one, too.
 * 3. Where it consists of lower-case letters and digits (and inner slashes) only, so that it might well be a program's
 *    name (`file`, `envsubst`), what it decodes to must begin with a name in lower case: `emlw` is `zip`, but `file`
 *    would be `~)^` and stays a program.
 */
export function isEarlierForm(cmd: string): boolean {
  if (cmd.length === 0 || cmd.length % 4 !== 0) {
    return false;
  }
  const bytes = Buffer.from(cmd, 'base64');
  if (bytes.toString('base64') !== cmd) {
    return false;
  }
  if (!isUtf8(bytes)) {
    return false;
  }
  const text = bytes.toString();
  return !CONTROL.test(text) && (!WORDS_ALONE.test(cmd) || NAME_FIRST.test(text));
}
