import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import GithubSlugger from 'github-slugger';
import { plain, tokensOf } from './documents.mjs';

/** Pages that need no way to them: GitHub or the reader finds them by their names. */
const FOUND_BY_NAME = /(^|\/)(README|CODE_OF_CONDUCT|SECURITY|pull_request_template)\.md$/;

/** Links and anchors within the repository that lead nowhere, addresses that are none, and documents that nothing leads to. */
export function checkLinks(files) {
  const reached = new Set();
  const problems = files.flatMap(file => targetsOf(file).flatMap((target) => {
    const problem = /^[a-z][a-z0-9+.-]*:/i.test(target) ? addressProblem(target) : localProblem(file, target, reached);
    return problem ? [`${file}: ${target}: ${problem}`] : [];
  }));
  return [...problems, ...files.filter(file => !reached.has(file) && !FOUND_BY_NAME.test(file)).map(file => `${file}: no other document leads to it`)];
}

/** Where the links and images of a document lead, those in HTML as well. */
function targetsOf(file) {
  return tokensOf(file).flatMap((token) => {
    if (token.type === 'link' || token.type === 'image') return [token.href];
    return token.type === 'html' ? [...token.raw.matchAll(/\b(?:href|src)="([^"]*)"/g)].map(([, target]) => target) : [];
  });
}

function addressProblem(target) {
  if (/^mailto:[^@\s]+@[^@\s]+$/.test(target)) return undefined;
  let url;
  try {
    url = new URL(target);
  } catch {
    return 'it is no address';
  }
  if (url.protocol !== 'https:') return 'it should begin with https://';
  return /^([a-z0-9-]+\.)+[a-z]{2,}$/.test(url.hostname) && !/\s/.test(target) ? undefined : 'it is no address';
}

function localProblem(file, target, reached) {
  const [, where, anchor] = /^([^#]*)(?:#(.*))?$/.exec(target);
  const found = where === '' ? file : path.normalize(path.join(path.dirname(file), decodeURI(where))).replace(/\/$/, '');
  if (path.isAbsolute(where) || found.startsWith('..')) return 'it leads out of the repository';
  if (!existsSync(found)) return `there is no ${found}`;
  if (found !== file) reached.add(found);
  if (anchor === undefined) return undefined;
  if (!found.endsWith('.md') || statSync(found).isDirectory()) return `${found} has no anchors`;
  return anchorsOf(found).has(decodeURIComponent(anchor)) ? undefined : `there is no #${anchor} in ${found}`;
}

const anchors = new Map();

/** The anchors of a document: its headings as GitHub names them, and what has a name in HTML. */
function anchorsOf(file) {
  if (!anchors.has(file)) {
    const slugger = new GithubSlugger();
    anchors.set(file, new Set(tokensOf(file).flatMap((token) => {
      if (token.type === 'heading') return [slugger.slug(plain(token))];
      return token.type === 'html' ? [...token.raw.matchAll(/\b(?:id|name)="([^"]*)"/g)].map(([, name]) => name) : [];
    })));
  }
  return anchors.get(file);
}
