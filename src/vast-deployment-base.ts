import {
  ArnFormat, aws_cloudwatch as cloudwatch, aws_ec2 as ec2, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, IResource, Resource,
} from 'aws-cdk-lib';

/** A VAST deployment, defined in this app or elsewhere. */
export interface IVastDeployment extends IResource, ec2.IConnectable {
  /**
   * The ECS cluster that the server runs in.
   * @attribute
   */
  readonly clusterName: string;

  /**
   * The ECS service that the server is.
   * @attribute
   */
  readonly serviceName: string;

  /**
   * The private DNS name of the server, `vast-server.<namespace>`.
   *
   * It resolves in the deployment's VPC. For the peered VPC, associate the namespace's private hosted zone with it.
   * @attribute
   */
  readonly serverHostname: string;

  /**
   * The TCP port that the engine listens on.
   * @attribute
   */
  readonly serverPort: number;

  /**
   * Where clients connect to: `serverHostname:serverPort`.
   * @attribute
   */
  readonly serverEndpoint: string;

  /** The function that runs commands next to the server; undefined where there is none, or it is not known. */
  readonly clientFunction?: lambda.IFunction;

  /**
   * Lets a principal run commands next to the server, through the client.
   *
   * It gives a shell with the rights of the client's role, and through the engine all that the database holds.
   *
   * @param grantee who may run commands
   * @throws Error where there is no client, or it is not known
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-permissions.html
   */
  grantInvokeClient(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets a principal operate the server: start, stop and observe it, and read its logs.
   *
   * It gives no shell in the server and no right to run commands next to it, and does not let anybody put another task
   * definition in the place of the server's. A server that runs costs Fargate.
   *
   * @param grantee who may operate the server
   */
  grantOperate(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets a principal open a shell in the server, and run one-off tasks next to it.
   *
   * It gives a root shell in the container of the server: the rights of its task role, its environment with the secrets,
   * all that the database holds, and the power to change or delete it. In a cluster of yours it is the same for every
   * other task there that has ECS Exec switched on. One-off tasks run with the roles of `extraTaskDefinition` only.
   *
   * It does not give the logs, which `grantOperate` does. Where the cluster encrypts sessions with a key of yours, it gives
   * `kms:GenerateDataKey` on that. For a deployment that was defined elsewhere it gives the shell alone, since neither the
   * key nor the task definition of one-off tasks is known.
   *
   * @param grantee who may open a shell
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
   */
  grantExecute(grantee: iam.IGrantable): iam.Grant;

  /**
   * A metric of the server's ECS service. ECS's own metrics cost nothing.
   *
   * @param metricName for example `CPUUtilization`
   * @param options @default - average over 5 minutes
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How much of the server's CPU is in use, in percent.
   *
   * @param options @default - average over 5 minutes
   */
  metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * How much of the server's memory is in use, in percent.
   *
   * @param options @default - average over 5 minutes
   */
  metricMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/**
 * What a request that starts or stops the server does not have: another task definition, for example. Of the condition keys
 * of `ecs:UpdateService`, those for which AWS documents the operator `Null`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security_iam_service-with-iam.html#security_iam_service-with-iam-id-based-policies-conditionkeys
 */
const NOT_OPERATED = ['ecs:task-definition', 'ecs:capacity-provider', 'ecs:namespace'];

/** What a new and an imported deployment have in common. */
export abstract class VastDeploymentBase extends Resource implements IVastDeployment {
  public abstract readonly clusterName: string;
  public abstract readonly serviceName: string;
  public abstract readonly serverHostname: string;
  public abstract readonly serverPort: number;
  public abstract readonly connections: ec2.Connections;
  public abstract readonly clientFunction?: lambda.IFunction;

  /** The log group of the server; undefined where it is not known. */
  protected abstract readonly serverLogs?: logs.ILogGroup;

  public get serverEndpoint(): string {
    return `${this.serverHostname}:${this.serverPort}`;
  }

  public grantInvokeClient(grantee: iam.IGrantable): iam.Grant {
    if (!this.clientFunction) {
      throw new Error(`${this.node.path}: there is no client to invoke, or it is not known: `
        + 'leave client.enabled out, or give clientFunction to fromVastDeploymentAttributes');
    }
    return this.clientFunction.grantInvoke(grantee);
  }

  public grantOperate(grantee: iam.IGrantable): iam.Grant {
    const service = this._ecsArn('service', `${this.clusterName}/${this.serviceName}`);
    const describe = iam.Grant.addToPrincipal({ grantee, actions: ['ecs:DescribeServices'], resourceArns: [service] });
    const control = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:UpdateService'],
      resourceArns: [service],
      conditions: { Null: Object.fromEntries(NOT_OPERATED.map(key => [key, 'true'])) },
    });
    const grants = describe.combine(control).combine(this.grantTasks(grantee));
    return this.serverLogs ? grants.combine(this.serverLogs.grantRead(grantee)) : grants;
  }

  public grantExecute(grantee: iam.IGrantable): iam.Grant {
    const shell = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:ExecuteCommand'],
      // AWS asks for both.
      resourceArns: [this._clusterArn, this._ecsArn('task', `${this.clusterName}/*`)],
    });
    return shell.combine(this.grantTasks(grantee));
  }

  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: 'AWS/ECS',
      metricName,
      dimensionsMap: { ClusterName: this.clusterName, ServiceName: this.serviceName },
      ...options,
    }).attachTo(this);
  }

  public metricCpuUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('CPUUtilization', options);
  }

  public metricMemoryUtilization(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('MemoryUtilization', options);
  }

  /** Finds tasks of the cluster, follows and stops them. */
  private grantTasks(grantee: iam.IGrantable): iam.Grant {
    const tasks = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
      resourceArns: [this._ecsArn('task', `${this.clusterName}/*`)],
    });
    // AWS gives this action no resource that is a task, but a condition on the cluster.
    const list = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:ListTasks'],
      resourceArns: ['*'],
      conditions: { ArnEquals: { 'ecs:cluster': this._clusterArn } },
    });
    return tasks.combine(list);
  }

  /** @internal */
  protected get _clusterArn(): string {
    return this._ecsArn('cluster', this.clusterName);
  }

  /** @internal */
  protected _ecsArn(resource: string, resourceName: string): string {
    return this.stack.formatArn({ service: 'ecs', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  }
}
