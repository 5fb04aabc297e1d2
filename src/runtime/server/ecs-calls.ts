import type { ECSClient } from '@aws-sdk/client-ecs';
import { DeploymentOutput } from '../../discovery/deployment-output';
import { AwsCallError } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import type { AwsSdk } from '../aws-services';
import { DeploymentNotFoundError } from '../errors';
import type { EcsRunTask, EcsRunTaskAnswer, EcsService, EcsTask } from './ecs-words';

/** Which tasks of the cluster: those of a service, or those of a family of task definitions. */
export type TaskFilter = { readonly serviceName: string } | { readonly family: string };

/** ECS's limit for one DescribeTasks. */
const DESCRIBED_AT_ONCE = 100;

const GONE = ['ClusterNotFoundException', 'ServiceNotFoundException', 'ServiceNotActiveException'];

/** Answers with `otherwise` where the service or its cluster is gone. */
export async function unlessGone<T, O>(answer: Promise<T>, otherwise: O): Promise<T | O> {
  return answer.catch((error: unknown) => {
    if (error instanceof DeploymentNotFoundError) {
      return otherwise;
    }
    throw error;
  });
}

/** The calls to ECS that concern one deployment, whole where ECS answers in pages. */
export class EcsCalls {
  public constructor(public readonly connection: AwsConnection, public readonly deployment: DeploymentOutput) {}

  /** The service as it is now. */
  public async service(signal?: AbortSignal): Promise<EcsService> {
    const { services: [service] = [] } = await this.call((client, { DescribeServicesCommand }) =>
      client.send(new DescribeServicesCommand({ cluster: this.cluster, services: [this.deployment.serviceName] }), { abortSignal: signal }));
    if (!service || service.status === 'INACTIVE') {
      throw this.gone('there is no such service');
    }
    return service;
  }

  /** Like `service`; undefined where the service or its cluster is gone. */
  public async serviceIfAny(signal?: AbortSignal): Promise<EcsService | undefined> {
    return unlessGone(this.service(signal), undefined);
  }

  /** Tells ECS how many tasks the service has to have; `anew` revives a deployment that ECS has given up. */
  public async setDesiredCount(desiredCount: number, { anew = false, signal }: { anew?: boolean; signal?: AbortSignal } = {}): Promise<void> {
    await this.call((client, { UpdateServiceCommand }) => client.send(new UpdateServiceCommand({
      cluster: this.cluster, service: this.deployment.serviceName, desiredCount, ...anew && { forceNewDeployment: true },
    }), { abortSignal: signal }));
  }

  /** The tasks that are there, and those that have ended within the last hour or so. */
  public async listTasks(filter: TaskFilter, signal?: AbortSignal): Promise<string[]> {
    const lists = await Promise.all((['RUNNING', 'STOPPED'] as const).map(desiredStatus => this.call(async (client, { paginateListTasks }) => {
      const arns: string[] = [];
      for await (const page of paginateListTasks({ client }, { cluster: this.cluster, desiredStatus, ...filter }, { abortSignal: signal })) {
        arns.push(...page.taskArns ?? []);
      }
      return arns;
    })));
    return lists.flat();
  }

  /** What ECS knows of these tasks; those that it does not know, not yet or no longer, are left out. */
  public async describeTasks(arns: string[], signal?: AbortSignal): Promise<EcsTask[]> {
    const described: EcsTask[] = [];
    for (let at = 0; at < arns.length; at += DESCRIBED_AT_ONCE) {
      const { tasks = [] } = await this.call((client, { DescribeTasksCommand }) => client.send(
        new DescribeTasksCommand({ cluster: this.cluster, tasks: arns.slice(at, at + DESCRIBED_AT_ONCE) }), { abortSignal: signal }));
      described.push(...tasks);
    }
    return described;
  }

  /** Asks a task to end; one that is not there (any more) is no error. */
  public async stopTask(task: string, reason: string, signal?: AbortSignal): Promise<void> {
    try {
      await this.call((client, { StopTaskCommand }) =>
        client.send(new StopTaskCommand({ cluster: this.cluster, task, reason }), { abortSignal: signal }));
    } catch (error) {
      if (!(error instanceof AwsCallError && error.code === 'InvalidParameterException' && /not found/.test(error.message))) {
        throw error;
      }
    }
  }

  public async runTask(input: EcsRunTask, signal?: AbortSignal): Promise<EcsRunTaskAnswer> {
    return this.call((client, { RunTaskCommand }) => client.send(new RunTaskCommand({ cluster: this.cluster, ...input }), { abortSignal: signal }));
  }

  private get cluster() {
    return this.deployment.clusterName;
  }

  private async call<T>(call: (client: ECSClient, sdk: AwsSdk['ecs']) => Promise<T>): Promise<T> {
    try {
      return await this.connection.use('ecs', call);
    } catch (error) {
      throw error instanceof AwsCallError && GONE.includes(error.code) ? this.gone(`${error.code}, request ${error.requestId}`) : error;
    }
  }

  private gone(why: string) {
    const { clusterName, name, region, serviceName } = this.deployment;
    return new DeploymentNotFoundError(`the service ${serviceName} of the deployment ${name} is not in the cluster ${clusterName} in ${region} `
      + `(${why}): it was deleted or replaced. Find the deployment again by its stack, or deploy it`);
  }
}
