import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..', '..');
export const EXAMPLES = path.join(ROOT, 'examples');

/** The examples that are CDK apps. */
export const APPS = readdirSync(path.join(EXAMPLES, 'python')).filter(name => readdirSync(path.join(EXAMPLES, 'python', name)).includes('cdk.json'));

/** Where the assembly of each app is. */
export interface Assemblies {
  readonly [app: string]: string;
}

/** The python of a virtual environment that has the package's wheel in it. */
export function pythonWithPackage(): string {
  return output(process.execPath, [path.join(ROOT, 'build-tools', 'python-package.mjs')]).trim();
}

/** Synthesizes Python examples, below a directory. */
export function synthesizePython(directory: string, apps: string[], context: object, env: NodeJS.ProcessEnv): Assemblies {
  const assemblies = assembliesOf('python', directory, apps);
  const pairs = apps.map(app => `${path.join(EXAMPLES, 'python', app, 'app.py')}=${assemblies[app]}`);
  output(pythonWithPackage(), ['-B', path.join(__dirname, 'synthesize.py'), ...pairs], {
    ...env, ...surroundings(context), CDK_OUTDIR: path.join(directory, 'python'),
  });
  return assemblies;
}

/** The same with those in TypeScript. Their types are the compiler's affair: see examples/tsconfig.json. */
export function synthesizeTypeScript(directory: string, apps: string[], context: object, env: NodeJS.ProcessEnv): Assemblies {
  const assemblies = assembliesOf('typescript', directory, apps);
  const site = siteWithPackage(directory);
  cpSync(path.join(EXAMPLES, 'typescript'), site, { recursive: true });
  const program = apps.map(app => `process.env.CDK_OUTDIR = '${assemblies[app]}'; require('./${app}/${app}.ts');`).join('\n');
  const register = path.join(ROOT, 'node_modules', 'ts-node', 'register', 'transpile-only');
  // They are one program here.
  writeFileSync(path.join(site, 'tsconfig.json'), JSON.stringify({ extends: `./${apps[0]}/tsconfig.json`, compilerOptions: { rootDir: '.' } }));
  output(process.execPath, ['-r', register, '-e', program], { ...env, ...surroundings(context) }, site);
  return assemblies;
}

/** A directory in which the package is installed as this clone has it: what is in there knows it by its name. */
export function siteWithPackage(directory: string): string {
  const site = path.join(directory, 'site');
  mkdirSync(path.join(site, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, path.join(site, 'node_modules', 'cdk-vast'));
  for (const name of ['aws-cdk-lib', 'constructs', '@types']) {
    symlinkSync(path.join(ROOT, 'node_modules', name), path.join(site, 'node_modules', name));
  }
  return site;
}

function assembliesOf(language: string, directory: string, apps: string[]): Assemblies {
  return Object.fromEntries(apps.map(app => [app, path.join(directory, `${language}-${app}`)]));
}

/** What the CDK CLI tells an app. */
function surroundings(context: object): NodeJS.ProcessEnv {
  return { CDK_CONTEXT_JSON: JSON.stringify(context), JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: process.versions.node.split('.')[0] };
}

/** What a program prints; an error where it fails. */
function output(command: string, args: string[], env: NodeJS.ProcessEnv = process.env, cwd: string = ROOT): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) {
    throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  }
  return stdout;
}
