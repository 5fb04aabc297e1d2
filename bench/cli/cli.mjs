// What it takes to run `vast-cloud` as a whole process, against others that do as much:
//
//   npx projen compile && node bench/cli/cli.mjs
//
// 1. `--help` against `node -e 0`: what every command pays before it does anything.
// 2. `vast-server-status` against the AWS CLI's `aws ecs describe-services` (the one on the PATH).
// 3. `run-lambda --cmd true` against a bare script that makes the same call of the AWS SDK (bare-invoke.mjs).
// 4. `execute-command` against `aws ecs execute-command`, which starts AWS's plugin, both under a pseudo-terminal: a shell, until
//    it has answered what was typed ahead, and of that, from ECS's answer on, with which the session begins; and one command,
//    until its first byte is shown.
//
// All but the first go to a local AWS with a deployment, which is made for this and removed afterwards. Both sides of a pair run
// alternately, in one run; what is compared is the median of whole processes.
import { execFileSync, spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Answers } from './answers.mjs';
import { buildPlugin } from '../exec/plugin.mjs';
import { PRINT_MARK, underTerminalTyping } from '../exec/under-terminal.mjs';
import { quartiles } from '../quartiles.mjs';

const require = createRequire(import.meta.url);
const ROOT = path.resolve(import.meta.dirname, '..', '..');
const VAST_CLOUD = [process.execPath, path.join(ROOT, 'bin', 'vast-cloud.js')];
const ROUNDS = 25;
const WARM_UPS = 3;

const { startLocalAws, stopLocalAws, buildEngineImage } = require(path.join(ROOT, 'lib/cli/local-aws.js'));
const { cdk } = require(path.join(ROOT, 'lib/cli/cdk.js'));
const { AwsConnection } = require(path.join(ROOT, 'lib/runtime/aws-connection.js'));
const { findDeployment } = require(path.join(ROOT, 'lib/runtime/discovery.js'));

function timeOf([command, ...args]) {
  const begin = performance.now();
  const { status, stderr, error } = spawnSync(command, args, { env: process.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - begin;
}

/** Measures two commands in turn. */
async function pair(ours, theirs, measure = timeOf) {
  const times = { ours: [], theirs: [] };
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const order = round % 2 ? ['ours', 'theirs'] : ['theirs', 'ours'];
    for (const side of order) {
      const time = await measure(side === 'ours' ? ours : theirs);
      if (round >= 0) times[side].push(time);
    }
  }
  return times;
}

async function withDeployment(use) {
  const instance = `bench-cli-${process.pid}`;
  const local = await startLocalAws(instance, () => {});
  Object.assign(process.env, local.env);
  try {
    await buildEngineImage('v6.20.0', () => {});
    const app = { file: path.join(ROOT, 'test', 'e2e', 'app.cjs'), context: { stack: 'Bench', client: 'true' } };
    for (const args of [['bootstrap'], ['deploy', '--require-approval', 'never', 'Bench']]) {
      const { exitCode, stderr } = await cdk(app, args, { env: process.env, capture: true });
      if (exitCode !== 0) throw new Error(stderr);
    }
    return await use(await findDeployment(new AwsConnection(), 'Bench'));
  } finally {
    await stopLocalAws(instance, () => {});
  }
}

const awsVersion = execFileSync('aws', ['--version'], { encoding: 'utf8' }).trim().split(' ')[0];
const help = await pair([...VAST_CLOUD, '--help'], [process.execPath, '-e', '0']);
const plugin = buildPlugin();
process.env.PATH = `${path.dirname(plugin)}${path.delimiter}${process.env.PATH}`;
const { status, lambda, shell, session, execute } = await withDeployment(async ({ clusterName, serviceName, clientFunctionName }) => {
  const taskId = execFileSync(VAST_CLOUD[0], [...VAST_CLOUD.slice(1), 'get-vast-server', '--stack', 'Bench'], { encoding: 'utf8' }).trim();
  const direct = process.env.AWS_ENDPOINT_URL;
  const answers = await Answers.to(direct, 'ExecuteCommand');
  process.env.AWS_ENDPOINT_URL = answers.endpoint;
  /** The time until a command that prints the mark has shown it: altogether, and from ECS's answer on. */
  const timesToFirstByte = async ([typed, ...command]) => {
    const { markMs, markAt } = await underTerminalTyping(typed, ...command);
    return { markMs, sessionMs: answers.msUntil(markAt) };
  };
  const each = (times, value) => ({ ours: times.ours.map(value), theirs: times.theirs.map(value) });
  const typed = `${PRINT_MARK}; exit\r`;
  const shell = await pair([typed, ...VAST_CLOUD, 'execute-command', '--stack', 'Bench'],
    [typed, 'aws', 'ecs', 'execute-command', '--cluster', clusterName, '--task', taskId, '--interactive', '--command', 'bash'], timesToFirstByte);
  const execute = await pair(['', ...VAST_CLOUD, 'execute-command', '--stack', 'Bench', '--cmd', PRINT_MARK],
    ['', 'aws', 'ecs', 'execute-command', '--cluster', clusterName, '--task', taskId, '--interactive', '--command', `sh -c '${PRINT_MARK}'`],
    timesToFirstByte);
  answers.stop();
  process.env.AWS_ENDPOINT_URL = direct;
  return {
    shell: each(shell, ({ markMs }) => markMs),
    session: each(shell, ({ sessionMs }) => sessionMs),
    execute: each(execute, ({ markMs }) => markMs),
    status: await pair([...VAST_CLOUD, 'vast-server-status', '--stack', 'Bench'],
      ['aws', 'ecs', 'describe-services', '--cluster', clusterName, '--services', serviceName]),
    lambda: await pair([...VAST_CLOUD, 'run-lambda', '--stack', 'Bench', '--cmd', 'true'],
      [process.execPath, path.join(import.meta.dirname, 'bare-invoke.mjs'), clientFunctionName, 'true']),
  };
});

const rows = [
  ['vast-cloud --help', help.ours], ['node -e 0', help.theirs],
  ['vast-cloud vast-server-status', status.ours], [`aws ecs describe-services (${awsVersion})`, status.theirs],
  ['vast-cloud run-lambda --cmd true', lambda.ours], ['a bare script with the same call', lambda.theirs],
  ['vast-cloud execute-command, a shell: first answer of it', shell.ours], ['aws ecs execute-command with the plugin, a shell: first answer of it', shell.theirs],
  ['vast-cloud execute-command, a shell: of that, from ECS\'s answer on', session.ours], ['aws ecs execute-command, a shell: of that, from ECS\'s answer on', session.theirs],
  ['vast-cloud execute-command --cmd: first byte', execute.ours], ['aws ecs execute-command --command: first byte', execute.theirs],
];
console.log('| what | runs | median ms | quartiles ms |\n|---|---|---|---|');
for (const [name, times] of rows) {
  const { median, low, high } = quartiles(times);
  console.log(`| ${name} | ${times.length} | ${median.toFixed(0)} | ${low.toFixed(0)}–${high.toFixed(0)} |`);
}

const ratio = ({ ours, theirs }) => quartiles(ours).median / quartiles(theirs).median;
const targets = [['--help', ratio(help), 1.6], ['vast-server-status', ratio(status), 0.5], ['run-lambda', ratio(lambda), 1.3],
  ['a shell, first answer', ratio(shell), 1], ['execute-command --cmd, first byte', ratio(execute), 1]];
console.log('');
for (const [name, found, most] of targets) {
  console.log(`${name}: ${found.toFixed(2)} × the other (target: at most ${most})`);
}
process.exitCode = targets.every(([, found, most]) => found <= most) ? 0 : 1;
