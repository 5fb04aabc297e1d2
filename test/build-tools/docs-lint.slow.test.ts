import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const LINT = resolve(__dirname, '../../build-tools/docs-lint.mjs');

const directories: string[] = [];
afterAll(() => directories.forEach(directory => rmSync(directory, { recursive: true, force: true })));

/** What the checks say of a repository with these files. */
function lint(checks: string[], files: { [name: string]: string }): { problems: string[]; exitCode: number | null } {
  const directory = mkdtempSync(join(tmpdir(), 'cdk-vast-docs-lint-'));
  directories.push(directory);
  execFileSync('git', ['init', '--quiet', directory]);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  const { stderr, stdout, status } = spawnSync(process.execPath, [LINT, ...checks], { cwd: directory, encoding: 'utf8' });
  expect(stdout).toContain('docs-lint: ');
  return { problems: stderr.split('\n').filter(Boolean), exitCode: status };
}

test('links that lead somewhere are right', () => {
  const { problems, exitCode } = lint(['links'], {
    'README.md': [
      '# Title', '[file](docs/a.md) ![picture](docs/a.svg) [directory](docs) [page](https://example.com/a?b#c) [mail](mailto:a@example.com)',
      '[heading](docs/a.md#the-second-one-1) [code](docs/a.md#a-b-and-cd) [HTML](docs/a.md#x.Y) [here](#title) [by reference][r]',
      '<a href="docs/a.md">HTML</a>', '', '[r]: docs/a.md#the-second-one', '', '```', '[no link](nowhere.md)', '```', '`[none](nowhere.md)`',
    ].join('\n'),
    'docs/a.md': '## The second one\n## The second one\n### `a-b` and (c.d)\n<a name="x.Y" id="x.Y"></a>\n',
    'docs/a.svg': '<svg/>',
  });
  expect(problems).toEqual([]);
  expect(exitCode).toBe(0);
});

test.each([
  ['[x](nowhere.md)', 'nowhere.md: there is no nowhere.md'],
  ['[x](a.md#nothing)', 'a.md#nothing: there is no #nothing in a.md'],
  ['[x](#nothing)', '#nothing: there is no #nothing in README.md'],
  ['[x](../outside.md)', '../outside.md: it leads out of the repository'],
  ['[x](/etc/passwd)', '/etc/passwd: it leads out of the repository'],
  ['[x][r]\n\n[r]: nowhere.md', 'nowhere.md: there is no nowhere.md'],
  ['<img src="nowhere.svg">', 'nowhere.svg: there is no nowhere.svg'],
  ['[x](http://example.com)', 'http://example.com: it should begin with https://'],
  ['[x](https://example)', 'https://example: it is no address'],
  ['| a |\n|---|\n| [x](nowhere.md) |', 'nowhere.md: there is no nowhere.md'],
])('%s leads nowhere', (text, problem) => {
  expect(lint(['links'], { 'README.md': `[a](a.md) ${text}\n`, 'a.md': '# A\n' })).toEqual({ problems: [`links: README.md: ${problem}`], exitCode: 1 });
});

test('a document that nothing leads to is found', () => {
  expect(lint(['links'], { 'README.md': '# A\n', 'docs/b.md': '[b](b.md)\n' }).problems).toEqual(['links: docs/b.md: no other document leads to it']);
});

test('spelling is looked at outside of code and addresses', () => {
  const { problems } = lint(['spelling'], {
    'README.md': 'A sentense about Tenzir in British colour.\n\n```sh\nxqzzt\n```\n\n`xqzzt` [link](xqzzt.md) https://example.com/xqzzt\n',
  });
  expect(problems).toEqual([expect.stringMatching(/^spelling: README\.md:1:3: unknown word \(sentense\)/)]);
});

test('members of the API need words, and optional properties a default', () => {
  const docs = { summary: 'Words.' };
  const { problems } = lint(['members'], {
    '.jsii': JSON.stringify({
      types: {
        'p.Props': {
          name: 'Props',
          docs,
          datatype: true,
          properties: [
            { name: 'needed', docs }, { name: 'good', docs: { ...docs, default: '1' }, optional: true },
            { name: 'withoutDefault', docs, optional: true }, { name: 'silent' },
          ],
        },
        'p.IThing': { name: 'IThing', docs, methods: [{ name: 'go', docs }] },
        'p.Thing': { name: 'Thing', docs, methods: [{ name: 'go', overrides: 'p.IThing' }, { name: 'come' }, { name: 'toString', overrides: 'constructs.Construct' }] },
        'p.Kind': { name: 'Kind', members: [{ name: 'A', docs }, { name: 'B' }] },
      },
    }),
  });
  expect(problems).toEqual([
    'members: Props.withoutDefault has no @default', 'members: Props.silent is not documented', 'members: Thing.come is not documented',
    'members: Kind is not documented', 'members: Kind.B is not documented',
  ]);
});

test('so do those of cdk-vast/runtime, which jsii does not know', () => {
  const { problems } = lint(['members'], {
    '.jsii': JSON.stringify({ types: {} }),
    'lib/runtime/index.d.ts': 'export * from "./a";\n',
    'lib/runtime/a.d.ts': [
      '/** A failure. */', 'export declare class Failure extends Error {', '  readonly name = "Failure";', '  private hidden;', '  reason: string;', '}',
      'export interface Options {', '  /** A. */', '  readonly a?: string;', '  /**', '   * B.', '   *', '   * @default - none', '   */', '  readonly b?: string;', '}',
    ].join('\n'),
  });
  expect(problems).toEqual([
    'members: Failure.reason is not documented', 'members: Options is not documented', 'members: Options.a has no @default',
  ]);
});

test('commands and options that a document shows have to be there', () => {
  const program = `
    const [first, second] = process.argv.slice(2);
    if (first === '--list') console.log('deploy                  deploy it\\nworkbucket list         what is in it');
    else if (first === '--help') console.log('--quiet');
    else if (first === 'deploy') console.log('--local  --auto-approve');
    else console.log('--json');
  `;
  const { problems } = lint(['commands'], {
    'bin/vast-cloud.js': program,
    'README.md': [
      '```sh', './vast-cloud deploy --local --quiet   # words that are no command', './vast-cloud deploy --remote', 'VAR=x ./vast-cloud undeploy && ls --all',
      './vast-cloud workbucket list --json', './vast-cloud workbucket list --local', '```',
      'Code such as `./vast-cloud deploy [--auto-approve]`, and a sentence: `the command vast-cloud in words`.',
    ].join('\n'),
  });
  expect(problems).toEqual([
    'commands: README.md: \'deploy\' has no option --remote (./vast-cloud deploy --remote)',
    'commands: README.md: there is no command \'undeploy\' (./vast-cloud undeploy)',
    'commands: README.md: \'workbucket list\' has no option --local (./vast-cloud workbucket list --local)',
  ]);
});

test('what the pages on troubles quote has to be said by a source', () => {
  const { problems } = lint(['sentences'], {
    'src/a.ts': 'throw new Error(`the stack \'${name}\' has ${n} deployments: ` + \'say which\');\nnote("waiting for $state to end");\n',
    'local-aws/local_aws/a.py': 'raise Error(f"no engine answers at {host}; "\n            "start it")\n',
    'build-tools/in-image.sh': 'echo "the image $image could not be built"\n',
    'docs/troubleshooting.md': [
      '## Ours', '| What it says | Cure |', '|---|---|',
      '| `the stack \'…\' has … deployments: say which`, `waiting for … to end` | `not looked at here` |',
      '| `no engine answers at …; start it` | |', '| `the image … could not be built` | |', '| `the stack has deployments` | |',
      '', '## What AWS and the CDK say', '| What it says | Cure |', '|---|---|', '| `Cannot pull it` | |',
    ].join('\n'),
    'docs/execute-command.md': [
      '| What it says | Cure |', '|---|---|', '| `the container has … no engine` | |', '', '| Option | What for |', '|---|---|', '| `--shell /bin/bash` | |',
    ].join('\n'),
  });
  expect(problems).toEqual([
    'sentences: docs/troubleshooting.md: no source says "the stack has deployments"',
    'sentences: docs/execute-command.md: no source says "the container has … no engine"',
  ]);
});

test('an amount of money has to follow from a named price', () => {
  const prices = Object.fromEntries(['fargateVcpuHour', 'fargateGbHour', 'natHour', 'ipv4Hour', 'zoneMonth'].map(name => [name, { usd: 0.045 }]));
  const { problems } = lint(['prices'], {
    'build-tools/cost-doc/prices.json': JSON.stringify({ prices }),
    'src/a.ts': '/** It costs about 0.045 USD per hour, 33 USD per month (32.85 USD), or 32.80 USD. */\n',
    'README.md': 'About 0.045 USD an hour; 12 USD.\n',
  });
  expect(problems).toEqual(['prices: README.md: no price is 12 USD', 'prices: src/a.ts: no price is 32.80 USD']);
});

test('a check that there is not is refused', () => {
  const { stderr, status } = spawnSync(process.execPath, [LINT, 'grammar'], { encoding: 'utf8' });
  expect(stderr).toContain('there is no check grammar: give some of links, spelling, members, commands, sentences, prices');
  expect(status).toBe(2);
});
