import { setTimeout as sleep } from 'node:timers/promises';
import { awsSdk } from './aws-sdk';
import { DeploymentOutput } from '../discovery/deployment-output';

/** What waiting for the server's tasks came to, where it did not come to what was wanted. */
export class ServerTasksError extends Error {
  public readonly name = 'ServerTasksError';
}

/** How a wait is bounded. */
export interface WaitOptions {
  /** @default 600 */
  readonly timeoutSeconds?: number;

  /** Ends the wait early, with the signal's reason; what AWS was told to do goes on. */
  readonly signal?: AbortSignal;
}

const POLL_MS = 1000;

/** Stops the server and returns when its container has ended, so that nothing is written any more. */
export async function stopServer(deployment: DeploymentOutput, options: WaitOptions = {}): Promise<void> {
  const running = await listTasks(deployment, 'RUNNING');
  await setDesiredCount(deployment, 0);
  await waitUntil(options, `the tasks of ${deployment.serviceName} to end`, async () => {
    // A task that was told to stop is listed as STOPPED at once; only its last status tells when it has.
    const tasks = await describeTasks(deployment, [...new Set([...running, ...await listTasks(deployment, 'RUNNING')])]);
    return tasks.every(task => task.lastStatus === 'STOPPED');
  });
}

/** Starts the server and returns the ARN of its task once ECS calls it healthy: the engine listens. */
export async function startServer(deployment: DeploymentOutput, options: WaitOptions = {}): Promise<string> {
  await setDesiredCount(deployment, 1);
  return waitForHealthyTask(deployment, options);
}

/** The ARN of the server's task, as soon as there is one that is healthy. */
export async function waitForHealthyTask(deployment: DeploymentOutput, options: WaitOptions = {}): Promise<string> {
  let arn: string | undefined;
  await waitUntil(options, `a healthy task of ${deployment.serviceName}`, async () => {
    const tasks = await describeTasks(deployment, await listTasks(deployment, 'RUNNING'));
    arn = tasks.find(task => task.lastStatus === 'RUNNING' && task.healthStatus === 'HEALTHY')?.taskArn;
    return arn !== undefined;
  });
  return arn!;
}

async function setDesiredCount({ clusterName, serviceName }: DeploymentOutput, desiredCount: number) {
  await withEcs((client, { UpdateServiceCommand }) =>
    client.send(new UpdateServiceCommand({ cluster: clusterName, service: serviceName, desiredCount })));
}

async function listTasks({ clusterName, serviceName }: DeploymentOutput, desiredStatus: 'RUNNING' | 'STOPPED') {
  return withEcs(async (client, { ListTasksCommand }) => (await client.send(
    new ListTasksCommand({ cluster: clusterName, serviceName, desiredStatus }))).taskArns ?? []);
}

async function describeTasks({ clusterName }: DeploymentOutput, tasks: string[]) {
  return tasks.length === 0 ? [] : withEcs(async (client, { DescribeTasksCommand }) => (await client.send(
    new DescribeTasksCommand({ cluster: clusterName, tasks }))).tasks ?? []);
}

type Ecs = ReturnType<typeof awsSdk>['ecs'];

async function withEcs<T>(call: (client: InstanceType<Ecs['ECSClient']>, ecs: Ecs) => Promise<T>): Promise<T> {
  const { ecs } = awsSdk();
  const client = new ecs.ECSClient({});
  try {
    return await call(client, ecs);
  } finally {
    client.destroy();
  }
}

async function waitUntil({ timeoutSeconds = 600, signal }: WaitOptions, what: string, reached: () => Promise<boolean>) {
  const deadline = Date.now() + timeoutSeconds * 1000;
  while (!await reached()) {
    if (Date.now() > deadline) {
      throw new ServerTasksError(`waited ${timeoutSeconds} s for ${what} in vain; the service's events and logs tell why`);
    }
    await sleep(POLL_MS, undefined, { signal });
  }
}
