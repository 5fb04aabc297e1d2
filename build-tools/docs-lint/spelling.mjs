import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const program = path.join(here, '..', '..', 'node_modules', '.bin', 'cspell');

/** Words that neither the dictionaries nor words.txt have. Code is left out. */
export function checkSpelling(files) {
  const options = ['--config', path.join(here, 'cspell.json'), '--root', process.cwd(), '--no-progress', '--no-summary', '--no-color', '--no-gitignore'];
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'lint', ...options, ...files], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const found = stdout.split('\n').filter(Boolean)
    .map(line => line.replace(`${process.cwd()}${path.sep}`, '').replace(' - Unknown word', ': unknown word'));
  if (found.length === 0 && status !== 0) throw new Error(`the spelling cannot be checked: ${stderr || stdout}`);
  return found;
}
