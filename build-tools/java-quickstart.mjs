// The package as Java has it: packed, compiled against, and the quickstart synthesized, which has to be that of TypeScript.
//
//   node build-tools/java-quickstart.mjs
//
// Takes minutes, a JDK (17 or later), Maven and Maven Central, and so is no part of `npm run verify`. Needs what
// `npx projen compile` makes.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const packages = path.join(root, 'dist', 'java');
const repository = path.join(root, 'dist', 'maven');
const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-java-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

function run(command, args, env = {}) {
  const began = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, ...env } });
  if (status !== 0) {
    console.error(`java-quickstart: ${command} ended with ${status}${error ? ` (${error.message})` : ''}`);
    process.exit(1);
  }
  return ((Date.now() - began) / 1000).toFixed(0);
}

/** What the CDK CLI tells an app. */
function surroundings(name) {
  mkdirSync(path.join(directory, name));
  return {
    CDK_OUTDIR: path.join(directory, name),
    CDK_CONTEXT_JSON: JSON.stringify({ peeredVpcId: 'vpc-059a7ec8aac174fc9', removeData: 'true' }),
    CDK_DEFAULT_ACCOUNT: '000000000000',
    CDK_DEFAULT_REGION: 'eu-central-1',
    JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: 'true',
  };
}

/** The files of an assembly that say what is deployed. */
function deployed(name) {
  const files = readdirSync(path.join(directory, name)).filter(file => /\.(template|assets)\.json$/.test(file)).sort();
  if (files.length !== 2) throw new Error(`${name} has written ${files.join(', ')}`);
  return files.map(file => readFileSync(path.join(directory, name, file), 'utf8')).join('\n');
}

if (spawnSync('mvn', ['--version']).status !== 0) {
  console.error('java-quickstart: SKIPPED: there is no Maven here (on Debian and Ubuntu: apt-get install maven)');
  process.exit(0);
}
const { devDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
rmSync(packages, { recursive: true, force: true });
const packing = run('npx', ['projen', 'package:java']);
// Maven keeps what it has once seen of a version, which is always the same here.
rmSync(path.join(repository, 'io', 'github', 'cdkvast'), { recursive: true, force: true });
const settings = { 'maven.repo.local': repository, packages, 'target': path.join(directory, 'target') };
for (const name of ['aws-cdk-lib', 'constructs']) settings[name] = devDependencies[name];
const synthesis = run('mvn', [
  '--batch-mode', '--quiet', '--file', 'test/java/pom.xml', ...Object.entries(settings).map(([name, value]) => `-D${name}=${value}`), 'compile', 'exec:java',
], surroundings('java'));
run(process.execPath, ['lib/examples/quickstart.js'], surroundings('typescript'));
if (deployed('java') !== deployed('typescript')) {
  console.error('java-quickstart: the template in Java is not the one in TypeScript');
  process.exit(1);
}
console.log(`java-quickstart: packed in ${packing} s, compiled and synthesized in ${synthesis} s, the template is that of TypeScript`);
