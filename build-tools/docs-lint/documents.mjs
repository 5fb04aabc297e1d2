import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { marked } from 'marked';

/** The Markdown files of the directory: those of the repository, and those that are about to be. */
export function documents() {
  return execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], { encoding: 'utf8' })
    .split('\n').filter(file => file && existsSync(file)).sort();
}

const parsed = new Map();

/** The tokens of a document, all of them, nested ones after their parents. */
export function tokensOf(file) {
  if (!parsed.has(file)) {
    const tokens = [];
    marked.walkTokens(marked.lexer(readFileSync(file, 'utf8')), token => tokens.push(token));
    parsed.set(file, tokens);
  }
  return parsed.get(file);
}

/** The text of a token without its markup. */
export function plain(token) {
  if (token.tokens) return token.tokens.map(plain).join('');
  if (token.type === 'html') return '';
  return unescape(token.text ?? token.raw);
}

/** What the parser writes for characters that HTML has a use for. */
function unescape(text) {
  return text.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, '\'').replace(/&amp;/g, '&');
}
