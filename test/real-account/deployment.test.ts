import path from 'node:path';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTasksCommand, ECSClient, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { DeleteAccessPointCommand, DeleteFileSystemCommand, DescribeAccessPointsCommand, EFSClient } from '@aws-sdk/client-efs';
import { run } from '../../src/cli/run';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { AwsConnection } from '../../src/runtime/aws-connection';
import { findDeployments } from '../../src/runtime/discovery';
import { Server } from '../../src/runtime/server';

// What a local AWS cannot prove: that IAM lets through what it has to, that a task gets out through the NAT gateway and
// pulls the official image, that EFS is mounted over TLS, and that its locks pass from one task to the next.
//
// It deploys into the account of the current credentials and costs some cents. VAST_AWS_REGION chooses the region,
// VAST_VERSION the release; nothing is peered, and everything is deleted in the end.

const ROOT = path.resolve(__dirname, '..', '..');
const STACK = 'CdkVastRealAccountTest';
const region = process.env.VAST_AWS_REGION;
const environment = {
  ...process.env,
  VAST_PEERED_VPC_ID: 'none',
  VAST_CIDR: '172.31.48.0/24',
  VAST_SERVER_STORAGE_TYPE: 'EFS',
  VAST_FILE_SYSTEM_ID: '',
  VAST_STACK_NAME: STACK,
};

let deployment: DeploymentOutput;

/** The AWS that the environment names when it is first used. */
const CONNECTION = new AwsConnection();

async function vastCloud(...args: string[]) {
  expect({ args, ...await run(path.join(ROOT, 'vast-cloud'), args, { env: environment, capture: true }) }).toMatchObject({ exitCode: 0 });
}

beforeAll(async () => {
  if (!region) {
    throw new Error('VAST_AWS_REGION is missing: these tests deploy into a real account, in the region that it names');
  }
  process.env.AWS_REGION = region;
  await vastCloud('deploy', '--auto-approve', '--bootstrap', '--new-file-system');
  [deployment] = await findDeployments(CONNECTION, STACK);
});

afterAll(async () => {
  if (deployment) {
    await vastCloud('destroy', '--force');
    const efs = new EFSClient({});
    const { AccessPoints = [] } = await efs.send(new DescribeAccessPointsCommand({ FileSystemId: deployment.fileSystemId }));
    for (const { AccessPointId } of AccessPoints) {
      await efs.send(new DeleteAccessPointCommand({ AccessPointId }));
    }
    await efs.send(new DeleteFileSystemCommand({ FileSystemId: deployment.fileSystemId }));
  }
});

test('the official image starts: it was pulled, has Perl and grep, and has mounted the file system', async () => {
  expect((await new Server(CONNECTION, deployment).start({ timeoutSeconds: 900 })).engineAnswered).toBe(true);
  expect(await launcherSays()).toContainEqual(expect.stringContaining('no database in'));
});

test('a replacement takes the lock over, on the state that the first task has left', async () => {
  const ecs = new ECSClient({});
  const server = new Server(CONNECTION, deployment);
  const first = (await server.start()).task.taskArn;
  await ecs.send(new StopTaskCommand({ cluster: deployment.clusterName, task: first }));
  // The first is listed as stopped at once, so one that runs is another one.
  let second = first;
  while (second === first) {
    second = (await server.start({ timeoutSeconds: 900 })).task.taskArn;
  }
  const { tasks } = await ecs.send(new DescribeTasksCommand({ cluster: deployment.clusterName, tasks: [first] }));
  expect(tasks![0].lastStatus).toBe('STOPPED');
  const { taskArns } = await ecs.send(new ListTasksCommand({ cluster: deployment.clusterName, serviceName: deployment.serviceName }));
  expect(taskArns).toEqual([second]);

  // The second task found the state of the first, so the note on an empty database was written once.
  const said = await launcherSays();
  expect(said.filter(line => line.includes('no database in'))).toHaveLength(1);
  expect(said.filter(line => line.includes('starting the engine'))).toHaveLength(2);
});

/** What the launchers of all tasks have written to the log group, oldest first. */
async function launcherSays(): Promise<string[]> {
  const { events = [] } = await new CloudWatchLogsClient({}).send(new FilterLogEventsCommand({
    logGroupName: deployment.logGroupName, filterPattern: '"cdk-vast:"',
  }));
  return events.sort((a, b) => a.timestamp! - b.timestamp!).map(event => event.message!);
}
