import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DescribeSecurityGroupRulesCommand, DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeFileSystemsCommand, EFSClient } from '@aws-sdk/client-efs';
import { EngineShell } from './engine-shell';
import { Newcomer } from './newcomer';
import { docker, ENGINE, eventually, ROOT, Scene } from './scene';
import { cdk, cdkProgram } from '../../src/cli/cdk';
import { compiled } from '../../src/cli/package-root';
import { run } from '../../src/cli/run';
import { DeployedVast, ServerState } from '../../src/index';
import { describeStack, findDeployments } from '../../src/runtime/discovery';
import { APPS, EXAMPLES, pythonWithPackage, synthesizePython } from '../examples/apps';

/*
 * Every example in Python is deployed, and so is the app of the README, in TypeScript, from the package as it would be
 * published. The twins in TypeScript are not deployed again: test/examples/python.slow.test.ts shows that their templates
 * and the hashes of their images are the same to the byte, so that CloudFormation could not tell one from the other;
 * and the quickstart in TypeScript is what the demo deploys (demo.test.ts).
 */

const STACKS: { readonly [app: string]: string } = {
  'attached-storage': 'VastAttachedStorage',
  'existing-vpc': 'VastExistingVpc',
  'multi': 'VastMulti',
  'quickstart': 'VastQuickstart',
  'tenzir': 'Tenzir',
};
const README_STACK = 'Telemetry';

/** The release line of Node.js, about whose age jsii is not to say anything. */
const NODE = process.versions.node.split('.')[0];

/** The only account of the local AWS. */
const ACCOUNT = '000000000000';
const COUNT = `${ENGINE.clientCommand} 'export | summarize n=count() | write_ndjson'`;

let scene: Scene;
let newcomer: Newcomer;
let peeredVpcId: string;
let directory: string;

/** The lines of an example's README that a shell is to run. */
function commandsOf(example: string): string[] {
  const readme = readFileSync(path.join(EXAMPLES, example, 'README.md'), 'utf8');
  return [...readme.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(([, block]) => block.trim().split('\n'));
}

/** Runs lines in one shell, in which `vast-cloud` of this clone is in the current directory; what they print. */
async function asReadmeSays(lines: string[], cwd: string): Promise<string> {
  const { exitCode, stdout, stderr } = await run('bash', ['-e', '-c', lines.join('\n')], { cwd, env: scene.env, capture: true });
  expect({ lines, exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ lines, exitCode: 0, stderr: '' });
  return stdout;
}

/** Runs the CDK CLI on what is synthesized already. */
async function onAssembly(assembly: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = await run(process.execPath, [cdkProgram(), '--app', assembly, ...args], { cwd: directory, env: scene.env, capture: true });
  if (exitCode !== 0) {
    throw new Error(`cdk ${args.join(' ')} ended with ${exitCode}\n${stdout}\n${stderr}`);
  }
}

beforeAll(async () => {
  directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-examples-'));
  scene = await Scene.open('examples');
  const outputs = path.join(directory, 'peer.json');
  const peer = await cdk({ file: compiled('cli/demo/peer-app.js') }, ['deploy', '--require-approval', 'never', '--outputs-file', outputs], { env: scene.env, capture: true });
  expect(peer).toMatchObject({ exitCode: 0 });
  peeredVpcId = (JSON.parse(readFileSync(outputs, 'utf8')) as { DemoPeer: { VpcId: string } }).DemoPeer.VpcId;
});
afterAll(async () => {
  newcomer?.leave();
  rmSync(directory, { recursive: true, force: true });
  await scene?.close();
});

describe('a newcomer with the packed package', () => {
  test('installs it, pastes the construct of the README, and synthesizes', async () => {
    newcomer = await Newcomer.arrive(scene);
    newcomer.pasteConstruct(peeredVpcId);
    expect(await newcomer.done('npx cdk synth')).toContain('Type: AWS::ECS::Service');
  });

  test('deploys it, and the engine answers', async () => {
    await newcomer.done('npx cdk deploy --app cdk.out --require-approval never');
    expect(await describeStack(scene.connection, README_STACK)).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
    expect(await new DeployedVast({ stackName: README_STACK }).client.run(COUNT)).toMatchObject({ exitCode: 0 });
  });

  test('has the command, too', async () => {
    expect(await newcomer.done(`npx vast-cloud vast-server-status --stack ${README_STACK}`)).toMatch(/^server +running\n/);
  });
});

describe('the examples in Python', () => {
  /** The VPC as the CDK CLI has looked it up for the newcomer. */
  const lookedUp = () => JSON.parse(readFileSync(path.join(newcomer.directory, 'cdk.context.json'), 'utf8')) as object;

  beforeAll(async () => {
    const others = APPS.filter(app => app !== 'quickstart');
    // The quickstart is deployed as its README says. A network of its own for each that is peered: routes must not meet.
    const quickstart = asReadmeSays(deployQuickstart(), directory);
    const assemblies = synthesizePython(directory, others, { ...lookedUp(), peeredVpcId, version: ENGINE.name, cidr: '172.31.51.0/24' }, {
      ...scene.env, CDK_DEFAULT_ACCOUNT: ACCOUNT, CDK_DEFAULT_REGION: scene.env.AWS_REGION,
    });
    await Promise.all([quickstart, ...others.map(async app => onAssembly(assemblies[app], 'deploy', '--require-approval', 'never'))]);
  });

  /** The commands of the README of the quickstart, in a copy of it, for this AWS. */
  function deployQuickstart(): string[] {
    const example = path.join(directory, 'quickstart');
    cpSync(path.join(EXAMPLES, 'python', 'quickstart'), example, { recursive: true });
    symlinkSync(path.dirname(path.dirname(pythonWithPackage())), path.join(example, '.venv'));
    const [venv, install, deploy, ...more] = commandsOf('python/quickstart');
    expect([venv, install, ...more]).toEqual(['python3 -m venv .venv && . .venv/bin/activate', 'pip install -r requirements.txt']);
    return [
      `cd ${example}`,
      // The environment is there, with the package from this clone; that satisfies what the example requires.
      '. .venv/bin/activate',
      `${install} --quiet --no-index --disable-pip-version-check`,
      deploy.replace('npx cdk', `${process.execPath} ${cdkProgram()}`).replace('vpc-0123456789abcdef0', peeredVpcId)
        + ` -c version=${ENGINE.name} -c cidr=172.31.50.0/24 -c removeData=true --require-approval never`,
    ];
  }

  test.each(APPS)('%s: is deployed', async (app) => {
    expect(await describeStack(scene.connection, STACKS[app])).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
  });

  test.each([
    ['attached-storage', 'Vast'], ['existing-vpc', 'Vast'], ['multi', 'Production'], ['quickstart', 'Vast'], ['tenzir', 'Tenzir'],
  ])('%s: the engine of %s answers', async (app, deploymentName) => {
    const vast = new DeployedVast({ stackName: STACKS[app], deploymentName });
    expect(await vast.server.status()).toMatchObject({ state: ServerState.RUNNING, engineAnswers: true });
    expect(await vast.client.run(COUNT)).toMatchObject({ exitCode: 0 });
  });

  test('existing-vpc: the group for clients is let in, and is in the peered VPC', async () => {
    const { Outputs } = (await describeStack(scene.connection, STACKS['existing-vpc']))!;
    const clients = Outputs!.find(({ OutputKey }) => OutputKey === 'ClientSecurityGroup')!.OutputValue!;
    const [{ securityGroupId, serverPort }] = await findDeployments(scene.connection, STACKS['existing-vpc']);
    const ec2 = new EC2Client();
    const { SecurityGroupRules: rules } = await ec2.send(new DescribeSecurityGroupRulesCommand({ Filters: [{ Name: 'group-id', Values: [securityGroupId!] }] }));
    ec2.destroy();
    expect(rules).toContainEqual(expect.objectContaining({
      IsEgress: false, FromPort: serverPort, ToPort: serverPort, ReferencedGroupInfo: expect.objectContaining({ GroupId: clients }),
    }));
  });

  test('multi: staging is stopped until somebody starts it, as the README says', async () => {
    const staging = new DeployedVast({ stackName: STACKS.multi, deploymentName: 'Staging' });
    expect(await staging.server.status()).toMatchObject({ state: ServerState.STOPPED, desiredCount: 0 });
    await expect(new DeployedVast({ stackName: STACKS.multi }).server.status()).rejects.toThrow(/say which of .*'Production'.*'Staging'/);
    const lines = commandsOf('python/multi').slice(3);
    expect(lines).toEqual([
      'export VAST_STACK_NAME=VastMulti VAST_AWS_REGION=eu-west-1',
      './vast-cloud vast-server-status --deployment Production',
      './vast-cloud start-vast-server --deployment Staging',
    ]);
    expect(await asReadmeSays(inThisRegion(lines), ROOT)).toMatch(/^server +running\n/);
    expect(await staging.server.status()).toMatchObject({ state: ServerState.RUNNING, engineAnswers: true });
  });

  test('tenzir: the configuration has reached the engine, and the work bucket its commands', async () => {
    const { task } = await new DeployedVast({ stackName: STACKS.tenzir }).server.status();
    const shell = await EngineShell.ofTask(task!.taskArn, ENGINE);
    expect(await docker('exec', shell.container, 'cat', '/tmp/cdk-vast-engine.yaml')).toBe('{"tenzir":{"shutdown-grace-period":"1min","active-partition-timeout":"10 seconds"}}');

    copyFileSync(path.join(EXAMPLES, 'data', 'suricata-eve.json'), path.join(directory, 'eve.json'));
    symlinkSync(path.join(ROOT, 'vast-cloud'), path.join(directory, 'vast-cloud'));
    const lines = commandsOf('python/tenzir').slice(3);
    expect(lines).toHaveLength(4);
    const events = readFileSync(path.join(directory, 'eve.json'), 'utf8').trim().split('\n').length;
    expect((await asReadmeSays(inThisRegion(lines), directory)).trim().split('\n').at(-1)).toBe(`{"n":${events}}`);
    await eventually('the partition is on disk', async () => (await shell.pipeline('partitions | write_ndjson')) || undefined, 60);
  });

  /** For the local AWS: its region. */
  function inThisRegion(lines: string[]): string[] {
    expect(lines[0]).toContain('VAST_AWS_REGION=eu-west-1');
    return lines.map(line => line.replace('VAST_AWS_REGION=eu-west-1', `VAST_AWS_REGION=${scene.env.AWS_REGION}`));
  }
});

describe.each([
  ['Python', () => ({ command: pythonWithPackage(), script: path.join(EXAMPLES, 'python', 'operate', 'operate.py'), env: { PYTHONDONTWRITEBYTECODE: '1' } })],
  ['TypeScript', () => {
    copyFileSync(path.join(EXAMPLES, 'typescript', 'operate', 'operate.ts'), path.join(newcomer.directory, 'operate.ts'));
    return { command: path.join(newcomer.directory, 'node_modules', '.bin', 'ts-node'), script: path.join(newcomer.directory, 'operate.ts'), env: { TS_NODE_TRANSPILE_ONLY: 'true' } };
  }],
])('the example operate in %s', (_, program) => {
  async function operate(...args: string[]) {
    const { command, script, env } = program();
    return run(command, [script, ...args], {
      cwd: newcomer.directory, env: { ...scene.env, ...env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: NODE }, capture: true,
    });
  }

  test('runs a command next to a server that runs, and ends with its exit code', async () => {
    await new DeployedVast({ stackName: STACKS.quickstart }).server.start();
    expect(await operate(STACKS.quickstart, 'echo out; echo err >&2; exit 7')).toEqual({ exitCode: 7, stdout: 'out\n', stderr: 'the server was running already\nerr\n' });
  });

  test('starts a server that is stopped, and stops it again', async () => {
    const { server } = new DeployedVast({ stackName: STACKS.quickstart });
    await server.stop();
    const { exitCode, stdout, stderr } = await operate(STACKS.quickstart, COUNT);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(/^the server runs\n(.* client connect.*\n)*the server is stopped\n$/) });
    expect(stdout).toMatch(/^(\{"n":\d+\}\n)?$/);
    expect(await server.status()).toMatchObject({ state: ServerState.STOPPED });
  });

  test('says in a sentence what is wrong', async () => {
    const { exitCode, stdout, stderr } = await operate('Nope', 'true');
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^(DeploymentNotFoundError: )?there is no stack 'Nope' in this account and region \(.*\).*\n$/) });
    expect(await operate()).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^usage: /) });
  });
});

test('the runtime classes have everything in Python', async () => {
  const program = path.join(directory, 'classes.py');
  writeFileSync(program, RUNTIME_IN_PYTHON);
  const { exitCode, stdout, stderr } = await run(pythonWithPackage(), [program, STACKS.quickstart], {
    env: { ...scene.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: NODE }, capture: true,
  });
  expect({ exitCode, stderr: exitCode === 0 ? '' : stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    before: 'STOPPED',
    started: false,
    running: 'RUNNING',
    answers: true,
    output: [5, 'in', 'b\n', 'utf8'],
    tasks: ['SERVER'],
    task: 'EXTRA',
    log: 1,
    stopped: [],
    error: expect.stringContaining("there is no stack 'Nope'"),
  });
});

/** What `operate.py` does not use. */
const RUNTIME_IN_PYTHON = `
import json, sys
from cdk_vast import DeployedVast, ServerState

vast = DeployedVast(stack_name=sys.argv[1])
seen = {"before": vast.server.status().state.name}
seen["started"] = vast.server.start().already_running
status = vast.server.status()
assert status.state is ServerState.RUNNING, status
seen["running"], seen["answers"] = status.state.name, status.engine_answers
output = vast.client.run("cat; echo $A >&2; exit 5", stdin="in", environment={"A": "b"})
seen["output"] = [output.exit_code, output.stdout, output.stderr, output.stdout_encoding]
seen["tasks"] = [task.kind.name for task in vast.server.tasks() if task.last_status == "RUNNING"]
seen["task"] = vast.server.run_task(script="true").kind.name
seen["log"] = len(vast.server.logs(last=1))
vast.server.stop()
vast.server.stop_all_tasks()
seen["stopped"] = [task.task_id for task in vast.server.tasks() if task.last_status != "STOPPED"]
try:
    DeployedVast(stack_name="Nope").server.status()
except RuntimeError as error:
    seen["error"] = str(error)
print(json.dumps(seen))
`;

test('what is destroyed leaves nothing but what its README names', async () => {
  const stacks = [...Object.values(STACKS), README_STACK];
  await Promise.all([
    newcomer.done(`npx cdk destroy --app cdk.out --force ${README_STACK}`),
    ...APPS.map(async app => onAssembly(app === 'quickstart' ? path.join(directory, app, 'cdk.out') : path.join(directory, `python-${app}`), 'destroy', '--force', STACKS[app])),
  ]);
  for (const stack of stacks) {
    expect(await describeStack(scene.connection, stack)).toBeUndefined();
  }
  const ec2 = new EC2Client();
  const { Vpcs: vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  ec2.destroy();
  expect(vpcs!.filter(({ IsDefault }) => !IsDefault).map(({ VpcId }) => VpcId)).toEqual([peeredVpcId]);
  const efs = new EFSClient();
  const { FileSystems: fileSystems } = await efs.send(new DescribeFileSystemsCommand({}));
  efs.destroy();
  // The databases of existing-vpc, multi's production, tenzir and the README's construct; quickstart was told removeData.
  expect(fileSystems).toHaveLength(4);
  expect((await scene.leftovers()).filter(what => what.startsWith('network '))).toEqual([]);
});
