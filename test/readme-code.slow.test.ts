import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const ROSETTA = path.join(path.dirname(require.resolve('jsii-rosetta/package.json')), 'bin', 'jsii-rosetta');
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

let directory: string;
beforeAll(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'cdk-vast-rosetta-')));
  mkdirSync(path.join(directory, 'node_modules'));
  // The code knows the package, and what it needs, by their names.
  symlinkSync(ROOT, path.join(directory, 'node_modules', 'cdk-vast'));
  for (const name of ['aws-cdk-lib', 'constructs', '@types']) {
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(directory, 'node_modules', name));
  }
});
afterAll(() => rmSync(directory, { recursive: true }));

/** A piece of code as rosetta has it in its tablet. */
interface Snippet {
  readonly didCompile: boolean;
  readonly translations: { readonly [language: string]: { readonly source: string } };
}

/** Compiles and translates the code of a package with this README, as Construct Hub does for the tabs of its pages. */
function rosetta(readme: string) {
  const assembly = JSON.parse(readFileSync(path.join(ROOT, '.jsii'), 'utf8')) as object;
  writeFileSync(path.join(directory, '.jsii'), JSON.stringify({ ...assembly, readme: { markdown: readme } }));
  copyFileSync(path.join(ROOT, 'package.json'), path.join(directory, 'package.json'));
  const tablet = path.join(directory, 'tablet.json');
  rmSync(tablet, { force: true });
  const { status, stdout, stderr } = spawnSync(process.execPath, [
    ROSETTA, 'extract', '--strict', '--compile', '--directory', directory, '--output', tablet, directory,
  ], { cwd: directory, encoding: 'utf8', env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: 'true' } });
  const { snippets } = JSON.parse(readFileSync(tablet, 'utf8')) as { snippets: { [id: string]: Snippet } };
  return { status, said: `${stdout}${stderr}`, snippets: Object.values(snippets) };
}

test('the code of the README compiles, and is translated into other languages', () => {
  const { status, said, snippets } = rosetta(README);
  expect({ status, said: status === 0 ? '' : said }).toEqual({ status: 0, said: '' });
  expect(snippets).toHaveLength(README.match(/^```ts$/gm)!.length);
  for (const { didCompile, translations } of snippets) {
    expect(didCompile).toBe(true);
    expect(Object.keys(translations)).toEqual(expect.arrayContaining(['python', 'java', 'csharp']));
  }
  expect(snippets.map(({ translations }) => translations.python.source).join('\n')).toContain('VastDeployment(stack, "Vast",');
}, 180_000);

test('code that does not compile is found', () => {
  const wrong = README.replace("cidr: '172.31.48.0/24', peeredVpc", "cidrs: '172.31.48.0/24', peeredVpc");
  expect(wrong).not.toBe(README);
  expect(rosetta(wrong)).toMatchObject({ status: 1, said: expect.stringContaining("'cidrs' does not exist in type 'VastDeploymentProps'") });
}, 180_000);

/** Properties of a deployment, as the documents show some, in what they stand in. */
const AROUND_PROPERTIES = (code: string) => `
import { aws_ecr as ecr, aws_ecs as ecs, aws_lambda as lambda, Stack } from 'aws-cdk-lib';
import { VastDeploymentProps, VastStorage, VastVersion } from 'cdk-vast';
export function properties(this: Stack): Partial<VastDeploymentProps> { return {
${code}
}; }
export const known = [ecr, ecs, lambda, VastStorage, VastVersion];`;

/** What the compiler says of the code of a document. */
function compiled(document: string): { code: string[]; said: string } {
  const code = [...document.matchAll(/^( *)```ts\n(.*?)^\1```$/gms)].map(([, , block]) => block);
  const files = code.map((block, index) => {
    const file = path.join(directory, `code-${index}.ts`);
    writeFileSync(file, block.startsWith('import ') ? block : AROUND_PROPERTIES(block));
    return file;
  });
  const { stdout } = spawnSync(process.execPath, [
    require.resolve('typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck', '--target', 'es2022', '--module', 'node16', ...files,
  ], { cwd: directory, encoding: 'utf8' });
  return { code, said: stdout };
}

test('the code of the other documents compiles', () => {
  const documents = readdirSync(path.join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => readFileSync(path.join(ROOT, 'docs', name), 'utf8'));
  const { code, said } = compiled(documents.join('\n'));
  expect(said).toBe('');
  expect(code.length).toBeGreaterThan(3);
}, 180_000);

test('other code that does not compile is found', () => {
  expect(compiled("```ts\nstorage: VastStorage.fromFileSystemId('fs-1', { directory: '/vast' }),\n```\n").said).toContain("'directory' does not exist");
}, 180_000);
