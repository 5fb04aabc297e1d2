import { AwsConnection } from './aws-connection';
import { waitFor, WaitOptions } from './waiting';
import { DeploymentOutput } from '../discovery/deployment-output';

/** Stops the server and returns when its container has ended, so that nothing is written any more. */
export async function stopServer(connection: AwsConnection, deployment: DeploymentOutput, options: WaitOptions = {}): Promise<void> {
  const running = await listTasks(connection, deployment);
  await setDesiredCount(connection, deployment, 0);
  await waitFor(`the tasks of ${deployment.serviceName} to end`, options, async () => {
    // A task that was told to stop is listed as STOPPED at once; only its last status tells when it has.
    const tasks = await describeTasks(connection, deployment, [...new Set([...running, ...await listTasks(connection, deployment)])]);
    return tasks.every(task => task.lastStatus === 'STOPPED') || undefined;
  });
}

/** Starts the server and returns the ARN of its task once ECS calls it healthy: the engine listens. */
export async function startServer(connection: AwsConnection, deployment: DeploymentOutput, options: WaitOptions = {}): Promise<string> {
  await setDesiredCount(connection, deployment, 1);
  return waitForHealthyTask(connection, deployment, options);
}

/** The ARN of the server's task, as soon as there is one that is healthy. */
export async function waitForHealthyTask(connection: AwsConnection, deployment: DeploymentOutput, options: WaitOptions = {}): Promise<string> {
  return waitFor(`a healthy task of ${deployment.serviceName}`, options, async () => {
    const tasks = await describeTasks(connection, deployment, await listTasks(connection, deployment));
    return tasks.find(task => task.lastStatus === 'RUNNING' && task.healthStatus === 'HEALTHY')?.taskArn;
  });
}

async function setDesiredCount(connection: AwsConnection, { clusterName, serviceName }: DeploymentOutput, desiredCount: number) {
  await connection.use('ecs', (client, { UpdateServiceCommand }) =>
    client.send(new UpdateServiceCommand({ cluster: clusterName, service: serviceName, desiredCount })));
}

async function listTasks(connection: AwsConnection, { clusterName, serviceName }: DeploymentOutput) {
  return connection.use('ecs', async (client, { ListTasksCommand }) =>
    (await client.send(new ListTasksCommand({ cluster: clusterName, serviceName }))).taskArns ?? []);
}

async function describeTasks(connection: AwsConnection, { clusterName }: DeploymentOutput, tasks: string[]) {
  return tasks.length === 0 ? [] : connection.use('ecs', async (client, { DescribeTasksCommand }) =>
    (await client.send(new DescribeTasksCommand({ cluster: clusterName, tasks }))).tasks ?? []);
}
