// What somebody gets who installs the package: a new app in a clean directory is synthesized with it, and the command answers.
//
//   npm pack && node build-tools/smoke-test.mjs cdk-vast-0.0.0.tgz
//
// For versions of Node.js that the package supports and the build does not: it needs nothing of the clone but the tarball, and the
// registry for the CDK.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const APP = `
const { App, Stack } = require('aws-cdk-lib');
const { VastDeployment, VastVersion, DeployedVast } = require('cdk-vast');
const { findDeployment } = require('cdk-vast/runtime');
if (typeof DeployedVast !== 'function' || typeof findDeployment !== 'function') throw new Error('the runtime is not there');
const app = new App();
new VastDeployment(new Stack(app, 'Smoke'), 'Vast', { cidr: '172.31.48.0/24', version: VastVersion.V6_20_0 });
app.synth();
`;

const [tarball] = process.argv.slice(2);
if (!tarball) {
  console.error('smoke-test: give the tarball that npm pack has made');
  process.exit(2);
}
const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-smoke-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

/** Runs a program in the new directory, and answers with what it printed. */
function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd: directory, encoding: 'utf8', env: { ...process.env, CDK_OUTDIR: 'cdk.out' } });
  if (status !== 0) {
    console.error(`smoke-test: ${command} ${args.join(' ')} ended with ${status}${error ? ` (${error.message})` : ''}\n${stdout}${stderr}`);
    process.exit(1);
  }
  return stdout;
}

writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name: 'smoke', private: true }));
run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', path.resolve(tarball), 'aws-cdk-lib@2', 'constructs@10']);
writeFileSync(path.join(directory, 'app.js'), APP);
run(process.execPath, ['app.js']);
const resources = Object.values(JSON.parse(readFileSync(path.join(directory, 'cdk.out', 'Smoke.template.json'), 'utf8')).Resources);
for (const type of ['AWS::ECS::Service', 'AWS::EFS::FileSystem', 'AWS::Lambda::Function']) {
  if (!resources.some(({ Type }) => Type === type)) throw new Error(`the template has no ${type}`);
}
const commands = run('npx', ['vast-cloud', '--list']).split('\n');
if (!commands.some(line => line.startsWith('deploy '))) throw new Error('vast-cloud does not list its commands');
console.log(`smoke-test: on Node.js ${process.versions.node}, ${resources.length} resources and ${commands.length - 1} commands`);
