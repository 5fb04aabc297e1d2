import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

interface Packed {
  readonly files: { path: string; size: number }[];
  readonly size: number;
  readonly bundled?: string[];
}

const { problemsOf } = jest.requireActual<{
  problemsOf(packed: Packed, manifest: object, root: string, tracked: string[]): string[];
}>('../../build-tools/tarball/contents.cjs');

const MANIFEST = {
  main: 'lib/index.js',
  types: 'lib/index.d.ts',
  bin: { 'vast-cloud': 'bin/vast-cloud.js' },
  exports: { '.': { types: './lib/index.d.ts', default: './lib/index.js' }, './runtime': { default: './lib/runtime/index.js' }, './.jsii': './.jsii' },
  bundledDependencies: ['ws'],
};
const GOOD = [
  '.jsii', 'API.md', 'LICENSE', 'README.md', 'package.json', 'bin/vast-cloud.js',
  'docker/client/.dockerignore', 'docker/client/Dockerfile', 'docker/client/bootstrap.js', 'docker/client/launcher.pl',
  'examples/data/conn.log.gz', 'examples/typescript/quickstart/quickstart.ts',
  'lib/cli/app.js', 'lib/examples/quickstart.js', 'lib/index.d.ts', 'lib/index.js', 'lib/runtime/index.js',
  'lib/runtime/aws-sdk/core.js', 'lib/runtime/aws-sdk/ecs.js', 'lib/runtime/aws-sdk/THIRD-PARTY-LICENCES.txt',
  'local-aws/local_aws_ctl.py', 'local-aws/requirements.txt', 'node_modules/ws/index.js', 'node_modules/ws/LICENSE',
];

let root: string;
beforeAll(() => { root = mkdtempSync(join(tmpdir(), 'cdk-vast-tarball-')); });
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** What is said of a package with these files. */
function problems(paths: string[], { size = 1_000_000, bundled = ['ws'], text = 'text' } = {}): string[] {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return problemsOf({ files: paths.map(path => ({ path, size: path.startsWith('examples/data/') ? 300_000 : 10 })), size, bundled }, MANIFEST, root, GOOD);
}

test('a package with all that is needed is right', () => {
  expect(problems(GOOD)).toEqual([]);
});

test.each([
  ['test/a.test.ts', 'it is for those who work on the package'],
  ['bench/client/run.mjs', 'it is for those who work on the package'],
  ['docs/cost.md', 'it is for those who work on the package'],
  ['local-aws/tests/test_tasks.py', 'it is a test'],
  ['lib/server/vast-server.test.js', 'it is a test'],
  ['src/index.ts', 'it is a source, and compiled elsewhere'],
  ['lib/index.ts', 'it is a source, and compiled elsewhere'],
  ['lib/index.js.map', 'it is for debugging'],
  ['local-aws/local_aws/__pycache__/say.pyc', 'it is left from a run'],
  ['.env', 'it is for the repository'],
  ['.github/workflows/build.yml', 'it is for the repository'],
])('%s does not belong into it', (path, why) => {
  expect(problems([...GOOD, path])).toEqual([`${path}: ${why}`]);
});

test.each(['docker/client/.DS_Store', 'examples/typescript/quickstart/quickstart.ts~', 'local-aws/notes.txt'])('%s is left from somebody\'s work', (path) => {
  expect(problems([...GOOD, path])).toEqual([`${path}: it is neither in the repository nor made by the compilation`]);
});

test.each(GOOD.filter(path => !/^(examples|node_modules)\//.test(path)))('without %s it is not complete', (path) => {
  const isBundle = path.startsWith('lib/runtime/aws-sdk/') && path.endsWith('.js');
  expect(problems(GOOD.filter(one => one !== path)))
    .toEqual([isBundle ? 'lib/runtime/aws-sdk/ has no bundle of the AWS SDK' : `${path} is missing`]);
});

test('a dependency that is bundled comes with its licence, and no other is', () => {
  expect(problems(GOOD.filter(path => path !== 'node_modules/ws/LICENSE'))).toEqual(['the dependency ws comes without its licence']);
  expect(problems(GOOD, { bundled: [] })).toEqual(['the dependency ws is not bundled']);
  expect(problems(GOOD, { bundled: ['ws', 'left-pad'] })).toEqual(['left-pad is bundled, and nobody has said that it should be']);
  expect(problems([...GOOD, 'node_modules/@aws-sdk/core/index.js'])).toEqual(['the AWS SDK is there as packages, and should be bundled into files']);
});

test('it may be as large as a download should be, the data of the demo not counted', () => {
  expect(problems(GOOD, { size: 2_800_000 })).toEqual([]);
  expect(problems(GOOD, { size: 2_800_001 })).toEqual(['it has 2500001 bytes without the demo\'s data, and may have 2500000']);
});

test('nothing in it names the directory that it was made in', () => {
  expect(problems(['lib/cli/app.js'], { text: `require('${root}/x')` })).toContain(`lib/cli/app.js names ${root}`);
});
