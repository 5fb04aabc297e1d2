import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ENGINE, ROOT } from './scene';
import { run } from '../../src/cli/run';
import { DeploymentOutput } from '../../src/discovery/deployment-output';

/** The README and the pages with the commands that a newcomer types. */
const PAGES = ['README.md', 'docs/vast-cloud.md', 'docs/client.md', 'docs/one-off-tasks.md']
  .map(page => readFileSync(path.join(ROOT, page), 'utf8')).join('\n');

/** The shell commands of these pages, without their comments, those of several lines as one. */
const COMMANDS = [...PAGES.matchAll(/^```sh\n(.*?)^```$/gms)]
  .flatMap(([, block]) => block.replaceAll(/ *\\\n */g, ' ').split('\n'))
  .map(line => line.replace(/ +# .*$/, '').trim())
  .filter(line => line && !/^[A-Z_]+=\S*$/.test(line));

/** What only its beginning tells, for commands that are long. */
const LAMBDA = 'aws lambda invoke ';
const TASK = 'aws ecs run-task ';

const IMPORT = './vast-cloud run-lambda --local --stdin --cmd "tenzir \'load_stdin | decompress_gzip | read_zeek_tsv | import\'" < examples/data/zeek-conn.log.gz';
const COUNT = './vast-cloud run-lambda --local --cmd "tenzir \'export | summarize n=count() | write_ndjson\'"';
const RUN_TASK = "./vast-cloud run-vast-task --cmd-override 'vast count'";

/** Commands that are run here, in this order: those that deploy, and what can be done then. */
const DEPLOYING = ['./vast-cloud local start', './vast-cloud deploy --local'];
const DEPLOYED = [
  'eval "$(./vast-cloud local env)"',
  IMPORT,
  COUNT,
  LAMBDA,
  TASK,
  RUN_TASK,
  './vast-cloud completion bash > ~/.local/share/bash-completion/completions/vast-cloud',
  './vast-cloud completion zsh > "${fpath[1]}/_vast-cloud"',
  './vast-cloud completion fish > ~/.config/fish/completions/vast-cloud.fish',
  './vast-cloud destroy --local --force',
  './vast-cloud local stop',
];

/** Commands that are not run here, each with the reason. */
const NOT_RUN: { readonly [command: string]: string } = {
  'git clone https://github.com/cdk-vast/cdk-vast.git && cd cdk-vast': 'this clone is what it leads to',
  './vast-cloud demo': 'demo.test.ts runs it',
  'npm run verify': 'it runs this test',
  './vast-cloud doctor': 'it asks AWS; doctor.test.ts runs it with --local',
  './vast-cloud deploy': 'it deploys to AWS; with --local it is run here, and test/real-account is for AWS',
  './vast-cloud deploy --bootstrap': 'as the one before',
  './vast-cloud destroy': 'as deploy',
  'aws route53 list-hosted-zones-by-vpc ': 'the local AWS has the names of Cloud Map, but no Route 53 behind them',
  'aws route53 associate-vpc-with-hosted-zone ': 'as the one before',
  './vast-cloud execute-command': 'it takes a terminal; execute-command.test.ts has one',
  './vast-cloud execute-command --task ID': 'as the one before',
  './vast-cloud logs --follow --task ID': 'it follows until Ctrl-C; operating.test.ts reads logs',
  "./vast-cloud run-lambda --cmd 'vast count'": 'the engine of the local AWS has no program vast; operating.test.ts runs commands',
  "./vast-cloud run-lambda --cmd 'aws s3 cp s3://my-logs/eve.json - | vast import suricata'": 'the same command is run by aws lambda invoke',
  './vast-cloud --help && npm pack': 'the newcomer of examples.test.ts packs',
  'npm install /path/to/cdk-vast-0.0.0.tgz': 'the newcomer of examples.test.ts installs',
};

/** Whether a command of the pages is meant by an entry of the lists. */
function meant(command: string, entry: string): boolean {
  return entry.endsWith(' ') ? command.startsWith(entry) : command === entry;
}

/** The settings that the pages show, for what the local AWS can do. */
function settings(): string {
  const block = PAGES.match(/^```sh\n((?:VAST_\w+=.*\n)+VAST_SERVER_STORAGE_TYPE=.*\n)```$/m)![1];
  return block.replace(/^VAST_VERSION=.*$/m, `VAST_VERSION=${ENGINE.name}`).replace(/^VAST_PEERED_VPC_ID=.*$/m, 'VAST_PEERED_VPC_ID=none');
}

let home: string;
let environment: NodeJS.ProcessEnv;
beforeAll(() => {
  home = mkdtempSync(path.join(tmpdir(), 'cdk-vast-readme-'));
  for (const name of ['vast-cloud', 'examples']) {
    symlinkSync(path.join(ROOT, name), path.join(home, name));
  }
  writeFileSync(path.join(home, '.env'), settings());
  for (const directory of ['.local/share/bash-completion/completions', '.config/fish/completions', 'zsh']) {
    mkdirSync(path.join(home, directory), { recursive: true });
  }
  const own = Object.entries(process.env).filter(([name]) => !/^(VAST|AWS)_/.test(name));
  environment = { ...Object.fromEntries(own), CDK_VAST_LOCAL_AWS_HOME: path.join(home, 'local-aws'), NO_COLOR: '1' };
});
afterAll(async () => {
  await run(path.join(ROOT, 'vast-cloud'), ['local', 'stop'], { cwd: home, env: environment, capture: true });
  rmSync(home, { recursive: true, force: true });
});

test('every command of the pages is run, or there is a reason not to', () => {
  const known = [...DEPLOYING, ...DEPLOYED, ...Object.keys(NOT_RUN)];
  expect(COMMANDS.filter(command => !known.some(entry => meant(command, entry)))).toEqual([]);
  expect(known.filter(entry => !COMMANDS.some(command => meant(command, entry)))).toEqual([]);
});

test('the commands do on the local AWS what the pages say', async () => {
  await shell(DEPLOYING);
  const stdout = await shell([PRELUDE, ...DEPLOYED], await namesInDeployment());
  const said = (entry: string) => stdout.split(`=== ${entry}\n`)[1].split('=== ')[0];
  expect(JSON.parse(said(LAMBDA).split('\n}\n')[0] + '}')).toMatchObject({ StatusCode: 200 });
  // The bucket of the page is not there: that the command was run, and has failed, is in the answer.
  expect(JSON.parse(said(LAMBDA).split('\n}\n')[1])).toMatchObject({ exitCode: expect.any(Number), stderr: expect.stringContaining('my-logs') });
  expect(JSON.parse(said(TASK))).toMatchObject({ failures: [], tasks: [{ taskArn: expect.any(String) }] });
  expect(JSON.parse(said(COUNT))).toEqual({ n: 8462 });
  expect(said(RUN_TASK)).toMatch(/^[0-9a-f]{32}\n$/);
  for (const file of ['.local/share/bash-completion/completions/vast-cloud', 'zsh/_vast-cloud', '.config/fish/completions/vast-cloud.fish']) {
    expect(readFileSync(path.join(home, file), 'utf8')).toContain('run-lambda');
  }
});

/**
 * AWS's own CLI, which not every machine has, but the client's image. There it talks to the same AWS. What it leaves in a
 * file is gone with the command, and shown therefore.
 */
const PRELUDE = `fpath=(unused "$PWD/zsh")
aws() { ./vast-cloud run-lambda --local --cmd "cd /tmp && aws $(printf '%q ' "$@") && if [ -e answer.json ]; then cat answer.json; fi"; }`;

/** Runs commands of the pages in one shell; what they print, each with a mark before it. */
async function shell(entries: string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const lines = entries.map((entry) => {
    const command = COMMANDS.find(known => meant(known, entry));
    // The home directory of whoever runs the tests is not for them.
    return command ? `echo '=== ${entry.replaceAll('\'', '\'\\\'\'')}'\n${command.replaceAll('~/', `${home}/`)}` : entry;
  });
  const { exitCode, stdout, stderr } = await run('bash', ['-e', '-c', lines.join('\n')], { cwd: home, env: { ...environment, ...env }, capture: true });
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

/** The variables of the pages' commands, from the discovery output. */
async function namesInDeployment(): Promise<NodeJS.ProcessEnv> {
  const stdout = await shell([PRELUDE, 'aws cloudformation describe-stacks --stack-name VastCloud']);
  const { Stacks: [{ Outputs }] } = JSON.parse(stdout) as { Stacks: [{ Outputs: { OutputKey: string; OutputValue: string }[] }] };
  const output = JSON.parse(Outputs.find(({ OutputKey }) => OutputKey.includes('Discovery'))!.OutputValue) as DeploymentOutput;
  return {
    CLIENT: output.clientFunctionName,
    CLUSTER: output.clusterName,
    FAMILY: output.extraTaskFamily,
    SUBNET: output.subnetId,
    GROUP: output.extraTaskSecurityGroupId,
  };
}
