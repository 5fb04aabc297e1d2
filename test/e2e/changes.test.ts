import { ChildProcess, spawn } from 'node:child_process';
import { CloudFormationClient, DescribeStacksCommand, paginateDescribeStackEvents } from '@aws-sdk/client-cloudformation';
import { EngineShell } from './engine-shell';
import { docker, eventually, Scene, ZEEK } from './scene';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { Server } from '../../src/runtime/server';

/** Each class of change in docs/operations.md, one after the other in one stack that has a database. */

const STACK = 'Changes';

/** Long enough for a successor that does not wait to meet its predecessor. */
const LINGER_SECONDS = 4;

let scene: Scene;
let context: Record<string, string> & { stack: string } = { stack: STACK };
let deployment: DeploymentOutput;
let engine: EngineShell;
let events: ContainerEvents;

const server = () => new Server(scene.connection, deployment);

/** Deploys with one more thing changed, and looks at the engine that answers then. */
async function change(more: Record<string, string>): Promise<{ before: DeploymentOutput; restarted: boolean }> {
  const [before, container] = [deployment, engine.container];
  context = { ...context, ...more };
  deployment = await scene.deploy(context);
  engine = await scene.engine(deployment);
  expect(await engine.countZeekConnections()).toBe(ZEEK.events);
  return { before, restarted: engine.container !== container };
}

type Moments = { readonly [event in 'start' | 'die']: number[] };

/** Collects when containers of a local AWS begin and end. What Docker keeps of events itself is the last 256 of the machine. */
class ContainerEvents {
  private readonly events: ChildProcess;
  private lines = '';

  public constructor(instance: string) {
    this.events = spawn('docker', ['events', '--filter', `label=cdk-vast.local-aws=${instance}`, '--filter', 'type=container',
      '--filter', 'event=start', '--filter', 'event=die', '--format', '{{.ID}} {{.Action}} {{.TimeNano}}'], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.events.stdout!.on('data', (piece: Buffer) => { this.lines += piece.toString(); });
  }

  /** The moments of some containers, in milliseconds, when there are as many as expected of an event. */
  public async of(containers: string[], event: keyof Moments, expected: number): Promise<Moments> {
    const moments = () => {
      const ours = this.lines.split('\n').map(line => line.split(' ')).filter(([id]) => id !== '' && containers.some(container => id.startsWith(container)));
      const times = (action: string) => ours.filter(words => words[1] === action).map(words => Number(words[2]) / 1e6);
      return { start: times('start'), die: times('die') };
    };
    return eventually(`${expected} times ${event}`, async () => moments()[event].length >= expected ? moments() : undefined);
  }

  public close() {
    this.events.kill();
  }
}

/** When CloudFormation began to delete the resource of each type. */
async function deletionsOf(id: string): Promise<Map<string, number>> {
  const client = new CloudFormationClient();
  const began = new Map<string, number>();
  for await (const { StackEvents } of paginateDescribeStackEvents({ client }, { StackName: id })) {
    for (const { ResourceStatus, ResourceType, Timestamp } of StackEvents!) {
      if (ResourceStatus === 'DELETE_IN_PROGRESS') {
        began.set(ResourceType!, Math.min(began.get(ResourceType!) ?? Infinity, Timestamp!.getTime()));
      }
    }
  }
  client.destroy();
  return began;
}

async function stackId(): Promise<string> {
  const client = new CloudFormationClient();
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: STACK }));
  client.destroy();
  return Stacks![0].StackId!;
}

async function containerOf(taskArn: string): Promise<string> {
  return eventually('the container', async () =>
    (await docker('ps', '--quiet', '--no-trunc', '--filter', `label=cdk-vast.task-arn=${taskArn}`)) || undefined);
}

beforeAll(async () => {
  scene = await Scene.open('changes', { CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS: String(LINGER_SECONDS) });
  events = new ContainerEvents(scene.instance);
  deployment = await scene.deploy(context);
  engine = await scene.engine(deployment);
  await engine.importZeekConnections(ZEEK.file);
});
afterAll(async () => {
  events?.close();
  delete process.env.CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS;
  await scene?.close();
});

test('no interruption: the engine goes on', async () => {
  expect(await change({ logRetention: '7' })).toMatchObject({ restarted: false });
});

test('restart: another engine has the same database', async () => {
  const { before, restarted } = await change({ memory: '5120', greeting: 'changed' });
  expect(restarted).toBe(true);
  expect(deployment.serviceName).toBe(before.serviceName);
});

test('another name: the server has it, and the old namespace is gone', async () => {
  const { before } = await change({ namespace: 'other.internal' });
  expect([before.serverHostname, deployment.serverHostname]).toEqual(['vast-server.vast.internal', 'vast-server.other.internal']);
  expect(deployment.serviceName).toBe(before.serviceName);
});

test('another cluster: the old server has ended before the new one begins', async () => {
  const oneOff = await server().runTask({ command: 'sleep 600' });
  const old = [engine.container, await containerOf(oneOff.taskArn)];
  const { before } = await change({ cluster: 'mine' });
  expect(deployment.clusterName).not.toBe(before.clusterName);
  expect(deployment.serviceName).not.toBe(before.serviceName);
  const [ended, started] = [await events.of(old, 'die', 2), await events.of([engine.container], 'start', 1)];
  expect(ended.die).toHaveLength(2);
  expect(Math.max(...ended.die)).toBeLessThan(started.start[0]);
});

test('deletion of a server that runs: its tasks have ended before what they use is deleted', async () => {
  const oneOff = await server().runTask({ command: 'sleep 600' });
  const containers = [engine.container, await containerOf(oneOff.taskArn)];
  const id = await stackId();
  await scene.destroy(STACK);

  const { die } = await events.of(containers, 'die', 2);
  expect(die).toHaveLength(2);
  const deletions = await deletionsOf(id);
  for (const type of [
    'AWS::EFS::MountTarget', 'AWS::EFS::AccessPoint', 'AWS::EC2::SecurityGroup', 'AWS::ECS::Cluster', 'AWS::EC2::NatGateway',
    'AWS::ServiceDiscovery::PrivateDnsNamespace',
  ]) {
    expect({ type, order: [...die, deletions.get(type)].sort((a, b) => a! - b!).at(-1) }).toEqual({ type, order: deletions.get(type) });
  }
  // The service is gone for ECS while its task still stops; without that, the rest would prove nothing.
  expect(deletions.get('Custom::VastTaskDrain')).toBeLessThan(Math.max(...die));
});
