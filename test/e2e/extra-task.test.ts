import { ENGINE, eventually, Scene, ZEEK } from './scene';
import { DeploymentOutput } from '../../src/discovery/deployment-output';

let scene: Scene;
let deployment: DeploymentOutput;

beforeAll(async () => {
  scene = await Scene.open('extra-task');
  deployment = await scene.deploy({ stack: 'ExtraTask' });
  await (await scene.engine(deployment)).importZeekConnections(ZEEK.file);
});
afterAll(() => scene?.close());

/** Runs a task from the extra definition as the output describes it; without a script, with its own command. */
async function runTask(script?: string): Promise<string> {
  return scene.connection.use('ecs', async (client, { RunTaskCommand }) => {
    const { tasks, failures } = await client.send(new RunTaskCommand({
      cluster: deployment.clusterName,
      taskDefinition: deployment.extraTaskFamily,
      launchType: 'FARGATE',
      enableExecuteCommand: true,
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [deployment.subnetId], securityGroups: [deployment.extraTaskSecurityGroupId!], assignPublicIp: 'DISABLED' },
      },
      overrides: script === undefined ? undefined : {
        containerOverrides: [{ name: deployment.extraTaskContainerName, command: [script], environment: [{ name: 'ASKED', value: 'by the test' }] }],
      },
    }));
    expect(failures).toEqual([]);
    return tasks![0].taskArn!;
  });
}

async function taskOf(taskArn: string) {
  return scene.connection.use('ecs', async (client, { DescribeTasksCommand }) =>
    (await client.send(new DescribeTasksCommand({ cluster: deployment.clusterName, tasks: [taskArn] }))).tasks![0]);
}

const reached = (taskArn: string, status: string) => eventually(`the task to be ${status}`, async () => {
  const task = await taskOf(taskArn);
  return task.lastStatus === status ? task : undefined;
});

async function logOf(taskArn: string): Promise<string> {
  return scene.connection.use('logs', async (client, { GetLogEventsCommand }) => {
    const { events } = await client.send(new GetLogEventsCommand({
      logGroupName: deployment.logGroupName,
      logStreamName: `task/${deployment.extraTaskContainerName}/${taskArn.split('/').pop()}`,
      startFromHead: true,
    }));
    return events!.map(({ message }) => message).join('\n');
  });
}

test('a one-off task asks the server with the engine\'s client, and its log has the answer', async () => {
  const taskArn = await runTask([
    'set -e',
    'tenzir version',
    'echo "the server is at $TENZIR_ENDPOINT, asked $ASKED"',
    'tenzir \'export | where @name == "zeek.conn" | summarize n=count() | write_ndjson\'',
  ].join('\n'));
  const { taskDefinitionArn, containers, stoppedReason } = await reached(taskArn, 'STOPPED');
  const log = await logOf(taskArn);
  expect({ exitCode: containers![0].exitCode, stoppedReason, log }).toMatchObject({ exitCode: 0 });
  expect(log).toContain(ENGINE.name.slice(1));
  expect(log).toContain(`the server is at ${deployment.serverHostname}:${deployment.serverPort}, asked by the test`);
  expect(log).toContain(`{"n":${ZEEK.events}}`);
  expect(taskDefinitionArn).toBe(deployment.extraTaskDefinitionArn);
});

test('what it imports is in the database when it has ended', async () => {
  const taskArn = await runTask('set -e\necho \'{"one":1}\' | tenzir \'load_stdin | read_ndjson | set @name="extra.task" | import\'');
  expect((await reached(taskArn, 'STOPPED')).containers![0].exitCode).toBe(0);
  const engine = await scene.engine(deployment);
  expect(await engine.pipeline('export | where @name == "extra.task" | write_ndjson')).toBe('{"one":1}\n');
});

test('its exit code is that of its script', async () => {
  const { containers, stopCode } = await reached(await runTask('echo no good >&2; exit 7'), 'STOPPED');
  expect({ exitCode: containers![0].exitCode, stopCode }).toEqual({ exitCode: 7, stopCode: 'EssentialContainerExited' });
});

test('it has neither the database nor a name of the server', async () => {
  const taskArn = await runTask(`ls -A ${ENGINE.stateDirectory}; grep -c ${ENGINE.stateDirectory} /proc/mounts; true`);
  await reached(taskArn, 'STOPPED');
  expect(await logOf(taskArn)).toBe('0');
  // The server still is who goes by the name.
  expect(await (await scene.engine(deployment)).countZeekConnections()).toBe(ZEEK.events);
});

test('without a script it waits, for a shell, and ends soon when it is stopped', async () => {
  const taskArn = await runTask();
  await reached(taskArn, 'RUNNING');
  await scene.connection.use('ecs', (client, { StopTaskCommand }) =>
    client.send(new StopTaskCommand({ cluster: deployment.clusterName, task: taskArn })));
  const { containers } = await reached(taskArn, 'STOPPED');
  // Not killed: that is 137.
  expect(containers![0].exitCode).toBe(143);
});

test('destroy leaves nothing', async () => {
  await scene.destroy('ExtraTask');
  expect((await scene.leftovers()).filter(name => !/registry|ecr/.test(name))).toEqual([]);
});
