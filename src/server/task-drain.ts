import { createHash } from 'node:crypto';
import {
  ArnFormat, aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, CustomResource, Duration, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct, IDependable } from 'constructs';
import { DRAIN_HANDLER } from './task-drain-handler';

export interface TaskDrainProps {
  readonly cluster: ecs.ICluster;
  readonly service: ecs.FargateService;
  /** The families of the deployment's tasks. */
  readonly families: string[];
  readonly subnet: ec2.ISubnet;
  readonly logRetention: logs.RetentionDays;
  /** Resources that tasks need until they have ended. */
  readonly needed: IDependable[];
}

/** A graceful stop takes up to 120 s; ECS, and a task that is only just starting, take some more. */
const TIMEOUT = Duration.minutes(10);

/**
 * Has CloudFormation wait for the end of the deployment's tasks: before it deletes what they use, and before it replaces
 * the service.
 *
 * ECS calls a service deleted while its task is still stopping. Without this, the mount target would go while the engine
 * flushes its database, and a one-off task would keep the cluster from being deleted.
 */
export class TaskDrain extends Construct {
  constructor(scope: Construct, id: string, props: TaskDrainProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const service = props.service.node.defaultChild as ecs.CfnService;
    const logGroup = new logs.LogGroup(this, 'LogGroup', { retention: props.logRetention, removalPolicy: RemovalPolicy.DESTROY });
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    role.addToPolicy(new iam.PolicyStatement({ actions: ['cloudformation:DescribeStackResource'], resources: [stack.stackId] }));

    const drain = new lambda.Function(this, 'Function', {
      description: 'Waits for the end of VAST tasks before CloudFormation deletes what they use',
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline(DRAIN_HANDLER),
      timeout: TIMEOUT,
      role,
      logGroup,
    });
    const resource = new CustomResource(this, 'Resource', {
      serviceToken: drain.functionArn,
      serviceTimeout: TIMEOUT.plus(Duration.minutes(1)),
      resourceType: 'Custom::VastTaskDrain',
      properties: {
        ClusterName: props.cluster.clusterName,
        // As a reference it would make this resource wait for the service; it is the other way round. The id may still change.
        ServiceLogicalId: service.logicalId,
        Families: props.families,
        SubnetId: props.subnet.subnetId,
      },
    });
    resource.node.addDependency(role, this.createClusterPolicy(role, props.cluster), logGroup, ...props.needed);
    // Whatever depends on the service's other parts would be a cycle.
    service.node.addDependency(resource);
  }

  /**
   * A policy for each cluster: while the cluster changes, the function acts in the old one, and the old policy is deleted
   * after the old service.
   */
  private createClusterPolicy(role: iam.IRole, cluster: ecs.ICluster): iam.Policy {
    const stack = Stack.of(this);
    const clusterArn = stack.formatArn({
      service: 'ecs', resource: 'cluster', resourceName: cluster.clusterName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    return new iam.Policy(this, `In${this.keyOf(cluster)}`, {
      roles: [role],
      statements: [new iam.PolicyStatement({
        actions: ['ecs:DescribeServices', 'ecs:UpdateService', 'ecs:ListTasks', 'ecs:DescribeTasks', 'ecs:StopTask'],
        // Tasks and the service have no names yet. As ARNs with a wildcard behind the partition, which is a token, they would
        // stand in findings of cdk-nag that cannot be acknowledged.
        resources: ['*'],
        conditions: { ArnEquals: { 'ecs:cluster': clusterArn } },
      })],
    });
  }

  /**
   * A short name for a cluster, the same at each synthesis.
   *
   * A reference to a cluster is its logical id, which clusters of several stacks may have. The deployment's own stack takes no
   * part, so that it can be renamed.
   */
  private keyOf(cluster: ecs.ICluster): string {
    const stack = Stack.of(this);
    const foreign = cluster.stack === stack ? '' : cluster.stack.node.addr;
    return createHash('sha256').update(JSON.stringify([foreign, stack.resolve(cluster.clusterName)])).digest('hex').slice(0, 10);
  }
}
