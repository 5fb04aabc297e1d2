import { spawnSync } from 'node:child_process';
import { tokensOf } from './documents.mjs';

const PROGRAM = 'bin/vast-cloud.js';

/** Commands and options of `vast-cloud` that a document shows, and that there are not. */
export function checkCommands(files) {
  const commands = run(['--list']).split('\n').filter(Boolean).map(line => line.split(/\s{2,}/)[0]);
  const known = new Map();
  const optionsOf = (command) => {
    if (!known.has(command)) known.set(command, new Set(`${run([...command.split(' '), '--help'])}\n${run(['--help'])}`.match(/--[a-z][a-z-]*/g)));
    return known.get(command);
  };
  return files.flatMap(file => linesOf(file).flatMap(({ words, text }) => {
    const named = words.filter(word => !word.startsWith('-'));
    if (named.length === 0) return [];
    const command = commands.find(one => one === named.slice(0, 2).join(' ')) ?? commands.find(one => one === named[0]);
    // "workbucket" alone stands for what begins so.
    if (!command) return commands.some(one => one.startsWith(`${named[0]} `)) ? [] : [`${file}: there is no command '${named[0]}' (${text})`];
    return words.filter(word => /^--[a-z]/.test(word)).map(word => word.split('=')[0]).filter(option => !optionsOf(command).has(option))
      .map(option => `${file}: '${command}' has no option ${option} (${text})`);
  }));
}

function run(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${PROGRAM} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

/** What stands behind `vast-cloud` in code, up to the end of the command. Code within a line may be a sentence that mentions it. */
function linesOf(file) {
  const code = tokensOf(file).filter(({ type, text }) => type === 'code' || (type === 'codespan' && /^(\.\/)?vast-cloud/.test(text)))
    .map(({ text }) => text).join('\n');
  return code.split('\n').flatMap(line => [...line.matchAll(/(?:^|[\s("])(?:\.\/)?vast-cloud +((?:"[^"]*"|'[^']*'|[^|;&#()])*)/g)].map(([text, rest]) => ({
    text: text.trim(),
    // What is quoted is somebody else's, and what is in brackets may be left out, but is there.
    words: rest.replace(/"[^"]*"|'[^']*'/g, '…').replace(/[[\]]/g, ' ').split(/\s+/).filter(word => /^-{0,2}[a-z]/.test(word)),
  })));
}
