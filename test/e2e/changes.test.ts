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

/** When the container of a task began and ended, as Docker has it. */
async function momentsOf(containers: string[], since: number): Promise<{ [event in 'start' | 'die']: number[] }> {
  const lines = await docker('events', '--since', String(Math.floor(since / 1000) - 1), '--until', String(Math.ceil(Date.now() / 1000)),
    ...containers.flatMap(container => ['--filter', `container=${container}`]), '--filter', 'type=container',
    '--filter', 'event=start', '--filter', 'event=die', '--format', '{{.Action}} {{.TimeNano}}');
  const of = (action: string) => lines.split('\n').filter(line => line.startsWith(`${action} `)).map(line => Number(line.split(' ')[1]) / 1e6);
  return { start: of('start'), die: of('die') };
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
  deployment = await scene.deploy(context);
  engine = await scene.engine(deployment);
  await engine.importZeekConnections(ZEEK.file);
});
afterAll(async () => {
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
  const began = Date.now();
  const oneOff = await server().runTask({ command: 'sleep 600' });
  const old = [engine.container, await containerOf(oneOff.taskArn)];
  const { before } = await change({ cluster: 'mine' });
  expect(deployment.clusterName).not.toBe(before.clusterName);
  expect(deployment.serviceName).not.toBe(before.serviceName);
  const [ended, started] = await Promise.all([momentsOf(old, began), momentsOf([engine.container], began)]);
  expect(ended.die).toHaveLength(2);
  expect(Math.max(...ended.die)).toBeLessThan(started.start[0]);
});

test('deletion of a server that runs: its tasks have ended before what they use is deleted', async () => {
  const began = Date.now();
  const oneOff = await server().runTask({ command: 'sleep 600' });
  const containers = [engine.container, await containerOf(oneOff.taskArn)];
  const id = await stackId();
  await scene.destroy(STACK);

  const { die } = await momentsOf(containers, began);
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
