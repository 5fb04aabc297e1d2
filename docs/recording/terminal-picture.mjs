// Makes a picture of what a terminal has shown: `node terminal-picture.mjs TYPESCRIPT SVG`, from what script(1) records.
import { readFileSync, writeFileSync } from 'node:fs';

const [from, to] = process.argv.slice(2);
const COLOURS = { 2: '#8b949e', 31: '#ff7b72', 32: '#3fb950', 36: '#56d4dd' };
const LINE = 18;
const CHARACTER = 8.1;

/** A line after everything that was drawn over is gone. */
const settled = line => line.split('\r').filter(Boolean).at(-1)?.replace(/^.*\x1b\[K/, '') ?? '';
const escaped = text => text.replace(/[&<>]/g, character => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character]);

/** Its pieces, each in its colour. */
function pieces(line) {
  let colour;
  return line.split(/(\x1b\[[\d;?]*[A-Za-z])/).flatMap((part) => {
    const codes = /^\x1b\[([\d;]*)m$/.exec(part)?.[1].split(';');
    if (codes) colour = codes.map(code => COLOURS[code]).find(Boolean);
    return part.startsWith('\x1b') || part === '' ? [] : [`<tspan${colour ? ` fill="${colour}"` : ''}>${escaped(part)}</tspan>`];
  });
}

const lines = readFileSync(from, 'utf8').split('\n').filter(line => !line.startsWith('Script ')).map(line => settled(line.replace(/\r$/, '')));
while (lines.at(-1) === '') lines.pop();
const columns = Math.max(...lines.map(line => line.replace(/\x1b\[[\d;?]*[A-Za-z]/g, '').length));
const [width, height] = [Math.ceil(columns * CHARACTER) + 32, lines.length * LINE + 32];
writeFileSync(to, `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="vast-cloud in a terminal">
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.5" fill="#e6edf3" xml:space="preserve">
${lines.map((line, index) => `<text x="16" y="${(index + 1) * LINE + 10}">${pieces(line).join('')}</text>`).join('\n')}
</g>
</svg>
`);
