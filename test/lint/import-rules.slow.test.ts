import { join } from 'node:path';
import { LegacyESLint } from 'eslint/use-at-your-own-risk';

const root = join(__dirname, '../..');

/** The rules that say who may import whom; the others have nothing to say about a fixture. */
const RULES = ['import/no-restricted-paths', 'import/no-nodejs-modules'];

/**
 * ESLint with the configuration of the project, over a text as if it stood in a file of `src`.
 *
 * All the other rules are off: some need types, which a file that is not there does not have.
 */
let linter: LegacyESLint;

beforeAll(async () => {
  const { rules } = await new LegacyESLint({ cwd: root }).calculateConfigForFile(join(root, 'src/index.ts'));
  const others = Object.keys(rules).filter(rule => ![...RULES, 'import/no-unresolved'].includes(rule));
  linter = new LegacyESLint({
    cwd: root,
    overrideConfig: { parserOptions: { projectService: false, project: null }, rules: Object.fromEntries(others.map(rule => [rule, 'off'])) },
  });
});

const complaints = async (file: string, text: string, rules = RULES) => {
  const [{ messages }] = await linter.lintText(`${text}\n`, { filePath: join(root, 'src', file) });
  expect(messages.filter(({ fatal }) => fatal)).toEqual([]);
  return messages.filter(({ ruleId }) => rules.includes(ruleId ?? ''));
};

/** A file of each room, as the fixtures stand in it; it need not exist. */
const IN = {
  engine: 'engine/fixture.ts',
  discovery: 'discovery/fixture.ts',
  cidr: 'cidr/fixture.ts',
  network: 'network/fixture.ts',
  storage: 'storage/fixture.ts',
  server: 'server/fixture.ts',
  client: 'client/fixture.ts',
  deployment: 'vast-deployment.ts',
  deploymentOutput: 'vast-deployment-output.ts',
  index: 'index.ts',
  runtime: 'runtime/fixture.ts',
  cli: 'cli/fixture.ts',
  cliCommand: 'cli/commands/fixture.ts',
  cliApp: 'cli/fixture-app.ts',
};

/** What is imported exists: a path that leads nowhere belongs to no room. */
const MODULE = {
  'engine': './engine',
  'discovery': './discovery/deployment-output',
  'cidr': './cidr/cidr',
  'network': './network/cidr-checks',
  'storage': './storage/vast-storage',
  'server': './server/vast-server',
  'vast-deployment': './vast-deployment',
  'vast-deployment-base': './vast-deployment-base',
  'index': './index',
  'runtime': './runtime/discovery',
  'cli': './cli/errors',
  'aws-cdk-lib': 'aws-cdk-lib',
  'aws-cdk-lib/aws-ec2': 'aws-cdk-lib/aws-ec2',
  'constructs': 'constructs',
  '@aws-sdk/client-ecs': '@aws-sdk/client-ecs',
  'commander': 'commander',
  'node:fs': 'node:fs',
  'fs': 'fs',
};

type Place = keyof typeof IN;
type Known = keyof typeof MODULE;

/** How the module is named in that file. */
const specifier = (place: Place, known: Known) =>
  MODULE[known].replace(/^\.\//, IN[place].split('/').slice(1).map(() => '../').join('') || './');

const all = (...known: Known[]) => known;
const ROOMS = all('engine', 'discovery', 'cidr', 'network', 'storage', 'server', 'vast-deployment', 'vast-deployment-base', 'index', 'runtime', 'cli');
const but = (from: Known[], ...without: Known[]) => from.filter(known => !without.includes(known));

const FORBIDDEN: { [place in Place]: Known[] } = {
  engine: [...but(ROOMS, 'engine'), 'aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs', '@aws-sdk/client-ecs', 'commander', 'node:fs', 'fs'],
  discovery: [...but(ROOMS, 'discovery'), 'aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs', '@aws-sdk/client-ecs', 'commander', 'node:fs', 'fs'],
  cidr: [...but(ROOMS, 'cidr'), 'aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs', '@aws-sdk/client-ecs', 'commander', 'node:fs', 'fs'],
  network: ['runtime', 'cli', 'vast-deployment', 'vast-deployment-base', 'index', 'discovery', '@aws-sdk/client-ecs'],
  storage: ['runtime', 'cli', 'vast-deployment', 'vast-deployment-base', 'index', 'discovery', '@aws-sdk/client-ecs'],
  server: ['runtime', 'cli', 'vast-deployment', 'vast-deployment-base', 'index', 'discovery', '@aws-sdk/client-ecs'],
  client: ['runtime', 'cli', 'vast-deployment', 'vast-deployment-base', 'index', 'discovery', '@aws-sdk/client-ecs'],
  deployment: ['runtime', 'cli', 'index', '@aws-sdk/client-ecs'],
  deploymentOutput: ['runtime', 'cli', 'index', '@aws-sdk/client-ecs'],
  index: ['cli', '@aws-sdk/client-ecs'],
  runtime: [
    'network', 'storage', 'server', 'vast-deployment', 'vast-deployment-base', 'index', 'cli', 'aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs',
  ],
  cli: [
    'network', 'storage', 'server', 'vast-deployment', 'vast-deployment-base', 'index',
    'aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs', '@aws-sdk/client-ecs',
  ],
  cliCommand: [
    'network', 'storage', 'server', 'vast-deployment', 'vast-deployment-base', 'index',
    'aws-cdk-lib', 'aws-cdk-lib/aws-ec2', 'constructs', '@aws-sdk/client-ecs',
  ],
  cliApp: ['network', 'storage', 'server', 'vast-deployment', 'vast-deployment-base', 'discovery', 'cidr', 'runtime'],
};

const ALLOWED: { [place in Place]: Known[] } = {
  engine: ['engine'],
  discovery: ['discovery'],
  cidr: ['cidr'],
  network: ['engine', 'cidr', 'network', 'aws-cdk-lib', 'constructs'],
  storage: ['engine', 'storage', 'aws-cdk-lib', 'constructs'],
  server: ['engine', 'storage', 'network', 'aws-cdk-lib', 'constructs'],
  client: ['engine', 'network', 'storage', 'aws-cdk-lib', 'constructs'],
  deployment: ['engine', 'network', 'storage', 'server', 'vast-deployment-base', 'aws-cdk-lib', 'constructs'],
  deploymentOutput: ['discovery', 'server', 'vast-deployment', 'aws-cdk-lib'],
  index: ['engine', 'storage', 'vast-deployment', 'runtime'],
  runtime: ['engine', 'discovery', 'cidr', 'runtime', '@aws-sdk/client-ecs', 'node:fs'],
  cli: ['engine', 'discovery', 'cidr', 'runtime', 'cli', 'commander', 'node:fs'],
  cliCommand: ['engine', 'discovery', 'cidr', 'runtime', 'cli', 'node:fs'],
  cliApp: ['engine', 'index', 'cli', 'aws-cdk-lib', 'constructs'],
};

const pairs = (table: { [place in Place]: Known[] }) =>
  (Object.keys(table) as Place[]).flatMap(place => table[place].map(known => [place, known] as const));

test.each(pairs(FORBIDDEN))('%s must not import %s', async (place, known) => {
  const found = await complaints(IN[place], `import * as module from '${specifier(place, known)}';\nexport { module };`);
  expect(found).not.toEqual([]);
  expect(found.map(({ severity }) => severity)).not.toContain(1);
});

test.each(pairs(ALLOWED))('%s may import %s', async (place, known) => {
  expect(await complaints(IN[place], `import * as module from '${specifier(place, known)}';\nexport { module };`)).toEqual([]);
});

/** The gateway of the local AWS stands outside of `src`. */
const ofGateway = (module: string) =>
  complaints('../local-aws/exec-gateway/agent/fixture.ts', `import * as module from '../../../src/${module}';\nexport { module };`);

test.each(['runtime/exec/session/session-channel', 'runtime/discovery', 'engine', 'discovery/deployment-output', 'cli/errors', 'index'])(
  'the gateway must not import %s', async module => expect(await ofGateway(module)).not.toEqual([]));

test.each(['runtime/exec/wire', 'runtime/exec/session/clock', 'runtime/exec/session/transport'])(
  'the gateway may import %s', async module => expect(await ofGateway(module)).toEqual([]));

// A rule that knows one way to import is none.
test.each([
  ['a type', (module: string) => `import type * as module from '${module}';\nexport { module };`],
  ['an export', (module: string) => `export * from '${module}';`],
  ['an import that is waited for', (module: string) => `export const module = () => import('${module}');`],
  ['a require', (module: string) => `export const module = require('${module}');`],
])('%s is an import, too', async (_name, text) => {
  for (const [place, known] of [
    ['engine', 'aws-cdk-lib'], ['engine', 'runtime'], ['network', 'cli'], ['runtime', 'aws-cdk-lib'], ['runtime', 'server'], ['cli', 'index'],
  ] as const) {
    expect([place, known, await complaints(IN[place], text(specifier(place, known)))]).not.toEqual([place, known, []]);
  }
});

test('every path that the fixtures import leads somewhere', async () => {
  for (const known of Object.keys(MODULE) as Known[]) {
    const text = `import * as module from '${specifier('index', known)}';\nexport { module };`;
    expect([known, await complaints(IN.index, text, ['import/no-unresolved'])]).toEqual([known, []]);
  }
  expect(await complaints(IN.index, 'export * from \'./nowhere\';', ['import/no-unresolved'])).toHaveLength(1);
});
