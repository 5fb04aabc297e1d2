import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const PACMAK = path.join(path.dirname(require.resolve('jsii-pacmak/package.json')), 'bin', 'jsii-pacmak');

interface JsiiType {
  readonly fqn: string;
  readonly kind: 'class' | 'enum' | 'interface';
  readonly datatype?: boolean;
}

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-dotnet-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

// Nothing here compiles them: see docs/unproven.md.
test('the sources for .NET have every type of the package', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PACMAK, '--target', 'dotnet', '--code-only', '--outdir', directory], {
    cwd: ROOT, encoding: 'utf8', env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: 'true' },
  });
  expect({ status, said: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, said: '' });
  const sources = path.join(directory, 'dotnet', 'CdkVast');
  expect(readFileSync(path.join(sources, 'CdkVast.csproj'), 'utf8')).toContain('<PackageId>CdkVast</PackageId>');
  const { types } = JSON.parse(readFileSync(path.join(ROOT, '.jsii'), 'utf8')) as { types: { [fqn: string]: JsiiType } };
  const names = Object.values(types).flatMap(({ fqn, kind, datatype }) => {
    const name = fqn.split('.')[1];
    // A struct is an interface, and a class that implements it.
    return kind === 'interface' && datatype ? [name, `I${name}`] : [name];
  });
  expect(names).toContain('VastDeployment');
  expect(names.filter(name => !existsSync(path.join(sources, 'CdkVast', `${name}.cs`)))).toEqual([]);
}, 180_000);
