import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { plain, tokensOf } from './documents.mjs';

const DOCUMENTS = ['docs/troubleshooting.md', 'docs/execute-command.md'];

/** Where others speak: their sentences are not in our sources. */
const OF_OTHERS = ['What AWS and the CDK say', 'What the engine says', 'What nobody says'];

/** Where our sentences are, and how to read them. */
const SOURCES = { src: /\.ts$/, 'local-aws/local_aws': /\.py$/, 'build-tools': /^(in-image\.sh|set-up\.cjs)$/ };

/** Sentences in tables of what is said that no source has. Without such a page there is nothing to check. */
export function checkSentences(files) {
  const documents = DOCUMENTS.filter(file => files.includes(file));
  if (documents.length === 0) return [];
  const sources = Object.entries(SOURCES).flatMap(([directory, name]) => filesIn(directory, name)).flatMap(sentencesOf);
  return documents.flatMap(file => symptoms(file).filter(symptom => !sources.some(sentence => says(sentence, symptom)))
    .map(symptom => `${file}: no source says "${symptom}"`));
}

/** The code in the first column of its tables of what is said. */
function symptoms(file) {
  let heading = '';
  const found = [];
  for (const token of tokensOf(file)) {
    if (token.type === 'heading') heading = plain(token);
    if (token.type === 'table' && plain(token.header[0]) === 'What it says' && !OF_OTHERS.includes(heading)) {
      found.push(...token.rows.flatMap(([first]) => first.tokens.filter(({ type }) => type === 'codespan').map(plain)));
    }
  }
  // A variable or a program is no sentence.
  return found.filter(text => text.includes(' '));
}

function filesIn(directory, name) {
  return readdirSync(directory, { withFileTypes: true }).flatMap(entry => entry.isDirectory()
    ? filesIn(path.join(directory, entry.name), name)
    : name.test(entry.name) ? [path.join(directory, entry.name)] : []);
}

/** Whether the sentence has the parts of the symptom, one after the other; `…` on either side stands for anything. */
function says(sentence, symptom) {
  let at = 0;
  for (const part of symptom.split('…').map(one => one.trim()).filter(one => /[a-z]/i.test(one))) {
    const found = sentence.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return true;
}

function sentencesOf(file) {
  const text = readFileSync(file, 'utf8');
  if (!/\.(ts|cjs)$/.test(file)) {
    // Strings that follow each other are one, and what is between braces differs.
    return [text.replace(/"\s*\n\s*f?"/g, '').replace(/\{[^{}]*\}|\$\w+/g, '…')];
  }
  return stringsOf(text);
}

/** The strings of a TypeScript source: pieces that are added are one string, and what is computed is `…`. */
function stringsOf(text) {
  const ts = createRequire(import.meta.url)('typescript');
  const isSum = node => ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;
  const isString = node => ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
  const read = (node) => {
    if (ts.isStringLiteralLike(node)) return node.text;
    if (ts.isTemplateExpression(node)) return node.head.text + node.templateSpans.map(span => read(span.expression) + span.literal.text).join('');
    if (isSum(node)) return read(node.left) + read(node.right);
    if (ts.isParenthesizedExpression(node)) return read(node.expression);
    return '…';
  };
  const strings = [];
  const visit = (node) => {
    if (isString(node) || isSum(node)) strings.push(read(node).replace(/\$[\w[\]{}]+/g, '…'));
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('source.ts', text, ts.ScriptTarget.Latest, true));
  return strings;
}
