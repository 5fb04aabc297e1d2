import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command, Option } from 'commander';
import { isInstalled, SHELLS } from './shells';
import { completionScript } from '../../../src/cli/completion/script';

const BIN = path.resolve(__dirname, '../../../bin/vast-cloud.js');

/** A program with everything that ours may have one day. */
function fixture(): Command {
  const program = new Command('vast-cloud').helpCommand(false).option('--verbose', 'say more').option('-q, --quiet', "don't say: anything").version('1', '--version');
  program.command('deploy').description('it\'s "deployed": $HOME `date` \\')
    .addOption(new Option('--colour <when>', 'whether to paint').choices(['always', 'auto', 'never']))
    .option('--name <name>', 'its name')
    .option('-i, --input <file>', 'what to read');
  program.command('destroy').description('destroy it');
  program.command('secret', { hidden: true });
  const bucket = program.command('bucket').helpCommand(false).description('the bucket');
  bucket.command('upload <file>').description('put a file into it');
  bucket.command('list').description('list what is in it').option('--name <name>', 'which');
  return program;
}

let home: string;

beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'vast-cloud-completion-'));
  mkdirSync(path.join(home, 'files'));
  writeFileSync(path.join(home, 'files', 'a b.log'), '');
  writeFileSync(path.join(home, 'files', 'c.log'), '');
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

test.each(Object.keys(SHELLS))('the tests below are made in a real %s', (shell) => {
  if (!isInstalled(shell)) {
    console.warn(`NOT TESTED: the completion for ${shell}, because ${shell} is not installed here`);
  }
  expect(shell !== 'bash' || isInstalled(shell)).toBe(true);
});

describe.each(Object.entries(SHELLS).filter(([shell]) => isInstalled(shell)))('%s', (shell, complete) => {
  let script: string;
  const offered = (line: string) => complete(script, line, home).sort();

  describe('of a program with everything', () => {
    beforeAll(() => {
      script = path.join(home, `fixture.${shell}`);
      writeFileSync(script, completionScript(fixture(), shell));
    });

    test.each([
      ['commands', 'vast-cloud ', ['bucket', 'deploy', 'destroy']],
      ['commands that begin so', 'vast-cloud de', ['deploy', 'destroy']],
      ['subcommands', 'vast-cloud bucket ', ['list', 'upload']],
      ['commands after an option of the program', 'vast-cloud --verbose des', ['destroy']],
      ['choices of an option', 'vast-cloud deploy --colour a', ['always', 'auto']],
      ['nothing where nobody can guess', 'vast-cloud deploy --name ', []],
      ['nothing after what is no command', 'vast-cloud nonsense x', []],
      ['no command where the same word is a value', 'vast-cloud bucket list --name upload --na', ['--name']],
    ])('%s: %s', (_what, line, expected) => {
      expect(offered(line)).toEqual(expected);
    });

    test('options of the command and of the program', () => {
      expect(offered('vast-cloud deploy --')).toEqual(['--colour', '--help', '--input', '--name', '--quiet', '--verbose', '--version']);
    });

    test('choices after =', () => {
      expect(offered('vast-cloud deploy --colour=a').map(match => match.replace('--colour=', ''))).toEqual(['always', 'auto']);
    });

    test.each(['vast-cloud deploy --input files/', 'vast-cloud deploy -i files/', 'vast-cloud bucket upload files/'])('files: %s', (line) => {
      expect(offered(line).map(match => match.replace('files/', '').replace('\\ ', ' '))).toEqual(['a b.log', 'c.log']);
    });
  });

  describe('of vast-cloud itself', () => {
    beforeAll(() => {
      script = path.join(home, `vast-cloud.${shell}`);
      const { stdout, stderr } = spawnSync(process.execPath, [BIN, 'completion', shell], { encoding: 'utf8' });
      expect(stderr).toBe('');
      writeFileSync(script, stdout);
    });

    test.each([
      ['vast-cloud dep', ['deploy']],
      ['./vast-cloud dep', ['deploy']],
      ['vast-cloud deploy --auto', ['--auto-approve']],
      ['vast-cloud local st', ['start', 'status', 'stop']],
      ['vast-cloud completion ', ['bash', 'fish', 'zsh']],
    ])('%s', (line, expected) => {
      expect(offered(line)).toEqual(expected);
    });
  });
});

test('another shell is refused with those that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'completion', 'tcsh'], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining('Allowed choices are bash, zsh, fish') });
});
