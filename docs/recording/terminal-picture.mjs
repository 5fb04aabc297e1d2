// Makes pictures of what a terminal has shown: docs/NAME.svg of each NAME.typescript here, which record.py has recorded.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const COLOURS = { 2: '#8b949e', 31: '#ff7b72', 32: '#3fb950', 36: '#56d4dd' };
const LINE = 18;
const CHARACTER = 8.1;

/** What is wider than the terminal goes on in the next line, as it does there. */
const COLUMNS = 100;

/** A line after everything that was drawn over is gone. */
const settled = line => line.split('\r').filter(Boolean).at(-1)?.replace(/^.*\x1b\[K/, '') ?? '';
// Not every browser keeps ordinary blanks that begin a line or follow each other.
const escaped = text => text.replaceAll(' ', '\u00a0').replace(/[&<>]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character]);

/** Its characters, each with its colour. */
function characters(line) {
  let colour;
  return line.split(/(\x1b\[[\d;?]*[A-Za-z])/).flatMap((part) => {
    const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1].split(';');
    if (codes) colour = codes.map(code => COLOURS[code]).find(Boolean);
    return part.startsWith('\x1b') ? [] : [...part].map(text => ({ text, colour }));
  });
}

function rows(line) {
  const all = characters(line);
  return Array.from({ length: Math.max(1, Math.ceil(all.length / COLUMNS)) }, (_, row) => all.slice(row * COLUMNS, (row + 1) * COLUMNS));
}

/** What has one colour together. */
function drawn(row) {
  const pieces = [];
  for (const { text, colour } of row) {
    if (pieces.length > 0 && pieces.at(-1).colour === colour) pieces.at(-1).text += text;
    else pieces.push({ text, colour });
  }
  return pieces.map(({ text, colour }) => `<tspan${colour ? ` fill="${colour}"` : ''}>${escaped(text)}</tspan>`).join('');
}

function picture(recording) {
  const lines = recording.split('\n').map(line => settled(line.replace(/\r$/, '')));
  while (lines.at(-1) === '') lines.pop();
  const shown = lines.flatMap(rows);
  const [width, height] = [Math.ceil(COLUMNS * CHARACTER) + 32, shown.length * LINE + 32];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="vast-cloud in a terminal">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.5" fill="#e6edf3">
${shown.map((row, index) => `<text x="16" y="${(index + 1) * LINE + 10}">${drawn(row)}</text>`).join('\n')}
</g>
</svg>
`;
}

for (const file of readdirSync(here).filter(name => name.endsWith('.typescript'))) {
  const name = path.basename(file, '.typescript');
  writeFileSync(path.join(here, '..', `${name}.svg`), picture(readFileSync(path.join(here, file), 'utf8')));
}
