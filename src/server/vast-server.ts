import {
  Annotations, aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, aws_servicediscovery as servicediscovery,
  Duration, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct, IDependable } from 'constructs';
import { engineConfigurationOf } from './engine-configuration';
import { launcherCommand, launcherEntryPoint, LOCK_PATIENCE_SECONDS } from './engine-launcher';
import { grantSessionRecords } from './session-rights';
import { VastVersion } from '../engine';
import { EfsStorage } from '../storage/efs-storage';
import { INCLUDED_DISK_GIB } from '../storage/storage-checks';

export interface VastServerProps {
  readonly version: VastVersion;
  readonly vpc: ec2.IVpc;
  readonly subnet: ec2.ISubnet;
  readonly securityGroup: ec2.ISecurityGroup;
  readonly namespaceName: string;
  /** Undefined: the task's own disk, of `diskGiB`. */
  readonly efs?: EfsStorage;
  readonly diskGiB?: number;
  readonly cluster?: ecs.ICluster;
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  readonly cpuArchitecture: ecs.CpuArchitecture;
  readonly environment: { [name: string]: string };
  readonly secrets: { [name: string]: ecs.Secret };
  readonly engineConfiguration?: { [key: string]: any };
  readonly image?: ecs.ContainerImage;
  readonly logRetention: logs.RetentionDays;
  readonly removalPolicy: RemovalPolicy;
  readonly autoStart: boolean;
}

/** The name of the container in the server's tasks. */
export const SERVER_CONTAINER = 'engine';

/** The name of the server in its Cloud Map namespace. */
export const SERVER_NAME = 'vast-server';

/** The engine as a Fargate service of one task, found under a private DNS name. */
export class VastServer extends Construct {
  public readonly cluster: ecs.ICluster;
  public readonly service: ecs.FargateService;
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  public readonly logGroup: logs.LogGroup;
  public readonly namespace: servicediscovery.PrivateDnsNamespace;

  /** The resources that a task needs from its start to its end. */
  public readonly needed: IDependable[];

  constructor(scope: Construct, id: string, props: VastServerProps) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'LogGroup', {
      retention: props.logRetention,
      removalPolicy: props.removalPolicy,
    });
    this.namespace = this.createNamespace(props);
    this.taskDefinition = this.createTaskDefinition(props);
    this.addEngine(props);
    this.cluster = props.cluster ?? new ecs.Cluster(this, 'Cluster', {
      vpc: props.vpc,
      containerInsightsV2: ecs.ContainerInsights.DISABLED,
      // A session's content is the operator's; that it took place is in CloudTrail. Anything else costs log rights on '*'.
      executeCommandConfiguration: { logging: ecs.ExecuteCommandLogging.NONE },
    });
    this.service = this.createService(props);
    grantSessionRecords(this.taskDefinition.taskRole, this.cluster, this.logGroup);
    this.needed = this.addNeeded(props);
  }

  private createNamespace({ vpc, namespaceName }: VastServerProps) {
    const namespace = new servicediscovery.PrivateDnsNamespace(this, 'Namespace', { name: namespaceName, vpc });
    // The time for which resolvers remember that a name does not exist: a server that has just started is found soon.
    (namespace.node.defaultChild as servicediscovery.CfnPrivateDnsNamespace).properties = { dnsProperties: { soa: { ttl: 5 } } };
    return namespace;
  }

  private createTaskDefinition(props: VastServerProps) {
    const { efs, diskGiB } = props;
    const taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: props.cpu,
      memoryLimitMiB: props.memoryLimitMiB,
      runtimePlatform: { cpuArchitecture: props.cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      // AWS takes 21 and more; the first 20 are there without asking.
      ephemeralStorageGiB: diskGiB === INCLUDED_DISK_GIB ? undefined : diskGiB,
      volumes: efs ? [efs.volume] : [],
    });
    efs?.grantMount(taskDefinition.taskRole);
    return taskDefinition;
  }

  private addEngine(props: VastServerProps) {
    const { version, efs, environment, secrets } = props;
    const variables = Object.keys({ ...environment, ...secrets });
    const configuration = engineConfigurationOf({ version, variables, engineConfiguration: props.engineConfiguration });
    const container = this.taskDefinition.addContainer(SERVER_CONTAINER, {
      image: props.image ?? ecs.ContainerImage.fromRegistry(version.image),
      entryPoint: launcherEntryPoint(),
      command: launcherCommand(version, configuration && Stack.of(this).toJsonString(configuration)),
      environment,
      secrets,
      portMappings: [{ containerPort: version.port }],
      // The whole time that Fargate gives: an engine flushes for long.
      stopTimeout: Duration.seconds(120),
      // Signals reach the engine, and what it leaves behind is collected.
      linuxParameters: new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true }),
      healthCheck: livenessCheck(version.port),
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: 'server' }),
    });
    if (efs) {
      container.addMountPoints({ sourceVolume: efs.volume.name, containerPath: version.stateDirectory, readOnly: false });
    } else {
      Annotations.of(this).addWarningV2('cdk-vast:attachedStorage',
        'the database is on the task\'s own disk: every restart, redeployment or crash of the server begins with an empty one. '
        + 'A file system of an earlier VastStorage.efs() is not deleted, but leaves the stack: '
        + 'note its id, and return to it with VastStorage.fromFileSystemId()');
    }
  }

  private createService(props: VastServerProps) {
    const service = new ecs.FargateService(this, 'Service', {
      cluster: this.cluster,
      taskDefinition: this.taskDefinition,
      vpcSubnets: { subnets: [props.subnet] },
      securityGroups: [props.securityGroup],
      assignPublicIp: false,
      // Stop first, start then: the database has a single writer.
      minHealthyPercent: 0,
      maxHealthyPercent: 100,
      availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
      circuitBreaker: { rollback: true },
      enableExecuteCommand: true,
      // A task has the tags of its service, so that it is found and billed with its stack.
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      enableECSManagedTags: true,
      cloudMapOptions: { name: SERVER_NAME, cloudMapNamespace: this.namespace, dnsTtl: Duration.seconds(5) },
    });
    // Left out, it means 1 at creation and afterwards what the operator has made of it; 0 is repeated by every update.
    const resource = service.node.defaultChild as ecs.CfnService;
    resource.desiredCount = props.autoStart ? undefined : 0;
    return service;
  }

  /** Has the service wait for what a task needs. */
  private addNeeded(props: VastServerProps): IDependable[] {
    // Without its rights a task cannot mount or log; without its route it cannot even fetch its image.
    const needed = [
      this.taskDefinition.taskRole,
      this.taskDefinition.obtainExecutionRole(),
      props.securityGroup,
      props.subnet.internetConnectivityEstablished,
      ...props.efs ? [props.efs.mountable] : [],
    ];
    (this.service.node.defaultChild as ecs.CfnService).node.addDependency(...needed);
    // ECS takes the name of a task back when it ends; a name that is in use cannot be deleted.
    return [...needed, this.logGroup, this.service.cloudMapService!];
  }
}

/**
 * Whether the engine is alive: something listens on its port. Whether it answers a query is another question, asked by
 * whoever needs the answer: ECS kills what is unhealthy, and a busy engine must not be killed.
 *
 * The kernel's table is read instead of opening a connection, which the engine would take for a client. `grep` is
 * essential in Debian, so every official image has it.
 */
function livenessCheck(port: number): ecs.HealthCheck {
  const listening = `:${port.toString(16).padStart(4, '0')} 0+:0000 0A `;
  return {
    command: ['CMD', 'grep', '-sqiE', listening, '/proc/net/tcp', '/proc/net/tcp6'],
    interval: Duration.seconds(10),
    timeout: Duration.seconds(5),
    retries: 10,
    // A successor that waits for its predecessor's lock is not ill; 300 s is the most that ECS takes.
    startPeriod: Duration.seconds(Math.min(300, LOCK_PATIENCE_SECONDS + 60)),
  };
}

