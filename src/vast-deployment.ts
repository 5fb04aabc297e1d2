import {
  aws_ec2 as ec2, aws_ecs as ecs, aws_efs as efs, aws_iam as iam, aws_lambda as lambda, aws_logs as logs,
  aws_s3 as s3, aws_servicediscovery as servicediscovery, aws_sqs as sqs, RemovalPolicy,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { clientProblems } from './client/client-checks';
import { VastClient } from './client/vast-client';
import { VastVersion } from './engine';
import { ImportedVastDeployment, VastDeploymentAttributes } from './imported-vast-deployment';
import { cidrProblems } from './network/cidr-checks';
import { VastEgress } from './network/vast-egress';
import { describePeer } from './network/vast-peer';
import { VastPeering } from './network/vast-peering';
import { VastVpc } from './network/vast-vpc';
import { zoneProblems } from './network/zone-checks';
import { ExtraTask } from './server/extra-task';
import { namespaceOf, namespaceProblems } from './server/namespace';
import { serverProblems } from './server/server-checks';
import { TaskDrain } from './server/task-drain';
import { SERVER_NAME, VastServer } from './server/vast-server';
import { EfsStorage } from './storage/efs-storage';
import { storageProblems } from './storage/storage-checks';
import { VastStorage } from './storage/vast-storage';
import { IVastDeployment, VastDeploymentBase } from './vast-deployment-base';
import { addDeploymentOutput, outermostStack } from './vast-deployment-output';
import { VastDeploymentProps } from './vast-deployment-props';

/**
 * The VAST (Tenzir) security-telemetry engine as a Fargate service, in a VPC of its own that is peered with yours.
 *
 * While it idles, it is the NAT gateway that costs, about 37 USD a month with its address and the DNS name (us-east-1). While
 * the server runs, CPU and memory add 72 USD a month; data comes on top. See the properties.
 */
export class VastDeployment extends VastDeploymentBase implements iam.IGrantable {
  /**
   * A deployment that was defined elsewhere.
   *
   * Nothing is asked of AWS: it knows what it is given, and grants, metrics and connections come from that.
   *
   * @param attributes what is known of it
   */
  public static fromVastDeploymentAttributes(scope: Construct, id: string, attributes: VastDeploymentAttributes): IVastDeployment {
    return new ImportedVastDeployment(scope, id, attributes);
  }

  /** The deployment's VPC. */
  public readonly vpc: ec2.IVpc;

  /** The private subnet, in which the server runs. */
  public readonly vastSubnet: ec2.ISubnet;

  /** The public subnet, in which the NAT gateway is. */
  public readonly gatewaySubnet: ec2.ISubnet;

  /** The peering connection; undefined where nothing is peered. */
  public readonly peeringConnection?: ec2.CfnVPCPeeringConnection;

  /** The file system of the database; undefined where it is on the task's own disk. */
  public readonly fileSystem?: efs.IFileSystem;

  /** The access point through which the server mounts the file system; undefined where there is none. */
  public readonly accessPoint?: efs.IAccessPoint;

  /** The ECS cluster that the server runs in. */
  public readonly cluster: ecs.ICluster;

  /** The ECS service that the server is. */
  public readonly service: ecs.FargateService;

  /** The task definition of the server. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;

  /** The role with which the engine calls AWS; the deployment as a grantee stands for it. */
  public readonly serverRole: iam.IRole;

  /** The log group of the server, and of one-off tasks. */
  public readonly logGroup: logs.ILogGroup;

  /** The Cloud Map namespace, a private hosted zone of the deployment's VPC. */
  public readonly namespace: servicediscovery.IPrivateDnsNamespace;

  /**
   * The task definition of one-off tasks next to the server; it does not have the database.
   *
   * Its container `task` has the engine's image and knows where the server is. The command is one word, a script for
   * `/bin/sh`; without one the container waits for an hour. Its task role has the rights that ECS Exec needs, and no
   * others. Variables and secrets of the server are not in it.
   *
   * It costs nothing while no task runs, and about 0.025 USD per hour and task then (us-east-1).
   */
  public readonly extraTaskDefinition: ecs.FargateTaskDefinition;

  /** The connections of one-off tasks, for what they are to reach besides the server and AWS. */
  public readonly extraTaskConnections: ec2.Connections;

  /** The function that runs commands next to the server; undefined where there is no client. */
  public readonly clientFunction?: lambda.IFunction;

  /** The log group of the client; undefined where there is no client. */
  public readonly clientLogGroup?: logs.ILogGroup;

  /** The queue for asynchronous calls of the client that have failed; undefined where there is no client. */
  public readonly clientDeadLetterQueue?: sqs.IQueue;

  /** The role with which the commands call AWS; undefined where there is no client. */
  public readonly clientRole?: iam.IRole;

  /** The bucket that the commands use as scratch space; undefined where none was given. */
  public readonly clientWorkBucket?: s3.IBucket;

  /** The client's connections, for what it is to reach besides the server and AWS; undefined where there is no client. */
  public readonly clientConnections?: ec2.Connections;

  /** The engine's release. */
  public readonly version: VastVersion;

  public readonly clusterName: string;
  public readonly serviceName: string;
  public readonly serverHostname: string;
  public readonly serverPort: number;

  /** The server's connections; the default port is the engine's. */
  public readonly connections: ec2.Connections;

  /** The server's role. */
  public readonly grantPrincipal: iam.IPrincipal;

  protected readonly serverLogs?: logs.ILogGroup;

  /**
   * All properties are looked at before anything is created.
   *
   * @throws Error that names all that is wrong with the properties, each with what would be right
   */
  constructor(scope: Construct, id: string, props: VastDeploymentProps) {
    super(scope, id);
    const version = props.version ?? VastVersion.V3_1_0;
    const storage = (props.storage ?? VastStorage.efs())._choice;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE;
    const peer = props.peeredVpc && describePeer(this, props.peeredVpc, props.peering);
    const request = {
      version,
      cpu: props.cpu ?? 2048,
      memoryLimitMiB: props.memoryLimitMiB ?? 4096,
      environment: props.environment ?? {},
      engineConfiguration: props.engineConfiguration,
    };
    const namespaceName = namespaceOf(id, props.namespaceName);
    const secrets = props.secrets ?? {};
    const cpuArchitecture = props.cpuArchitecture ?? ecs.CpuArchitecture.X86_64;
    const clientOptions = props.client?.enabled === false ? undefined : props.client ?? {};
    this.refuse([
      ...cidrProblems(props.cidr, peer?.literalCidrs),
      ...peer?.problems ?? [],
      ...props.peering && !props.peeredVpc ? ['peering describes a peeredVpc, which is missing: give both or neither'] : [],
      ...zoneProblems(this.stack.region, props.availabilityZone),
      ...namespaceProblems(id, props.namespaceName),
      ...storageProblems(storage),
      ...serverProblems({
        ...request,
        cluster: props.cluster,
        cpuArchitecture: cpuArchitecture._cpuArchitecture,
        officialImage: props.image === undefined,
        secretNames: Object.keys(secrets),
      }),
      ...clientOptions ? clientProblems(version, clientOptions) : [],
    ]);

    const network = new VastVpc(this, 'Network', { ...props, egress: props.egress ?? VastEgress.natGateway() });
    this.vpc = network.vpc;
    this.vastSubnet = network.vastSubnet;
    this.gatewaySubnet = network.gatewaySubnet;
    this.peeringConnection = peer && new VastPeering(this, 'Peering', {
      vpc: this.vpc, cidr: props.cidr, namespaceName, subnet: this.vastSubnet, peer,
    }).connection;

    const securityGroup = this.createServerSecurityGroup(version, network.vastSubnetCidr);
    if (this.peeringConnection) {
      // A rule may name a group of the peer, which EC2 does not know before the two are connected.
      securityGroup.node.addDependency(this.peeringConnection);
    }
    this.connections = new ec2.Connections({ securityGroups: [securityGroup], defaultPort: ec2.Port.tcp(version.port) });

    const efsStorage = storage.attached ? undefined : new EfsStorage(this, 'FileSystem', {
      choice: storage, vpc: this.vpc, subnet: this.vastSubnet, server: this, removalPolicy,
    });
    this.fileSystem = efsStorage?.fileSystem;
    this.accessPoint = efsStorage?.accessPoint;

    const logRetention = props.logRetention ?? logs.RetentionDays.ONE_MONTH;
    const server = new VastServer(this, 'Server', {
      ...request,
      vpc: this.vpc,
      subnet: this.vastSubnet,
      securityGroup,
      namespaceName,
      efs: efsStorage,
      diskGiB: storage.attached?.sizeGiB,
      cluster: props.cluster,
      cpuArchitecture,
      secrets,
      image: props.image,
      logRetention,
      removalPolicy,
      autoStart: props.autoStart ?? true,
    });
    this.cluster = server.cluster;
    this.service = server.service;
    this.taskDefinition = server.taskDefinition;
    this.serverRole = server.taskDefinition.taskRole;
    this.grantPrincipal = this.serverRole.grantPrincipal;
    this.logGroup = this.serverLogs = server.logGroup;
    this.namespace = server.namespace;
    this.version = version;
    this.clusterName = server.cluster.clusterName;
    this.serviceName = server.service.serviceName;
    this.serverHostname = `${SERVER_NAME}.${server.namespace.namespaceName}`;
    this.serverPort = version.port;

    const extraTask = new ExtraTask(this, 'ExtraTask', {
      version,
      vpc: this.vpc,
      server: this,
      serverHostname: this.serverHostname,
      cluster: this.cluster,
      cpuArchitecture,
      image: props.image,
      executionRole: server.taskDefinition.obtainExecutionRole(),
      logGroup: server.logGroup,
    });
    this.extraTaskDefinition = extraTask.taskDefinition;
    this.extraTaskConnections = extraTask.connections;
    new TaskDrain(this, 'TaskDrain', {
      cluster: this.cluster,
      service: this.service,
      families: [this.taskDefinition.family, this.extraTaskDefinition.family],
      subnet: this.vastSubnet,
      logRetention,
      needed: [...server.needed, ...extraTask.connections.securityGroups],
    });

    if (clientOptions) {
      const client = new VastClient(this, 'Client', {
        options: clientOptions,
        version,
        cpuArchitecture,
        vpc: this.vpc,
        subnet: this.vastSubnet,
        server: this,
        serverHostname: this.serverHostname,
        logRetention,
        removalPolicy,
      });
      this.clientFunction = client.function;
      this.clientLogGroup = client.logGroup;
      this.clientDeadLetterQueue = client.deadLetterQueue;
      this.clientRole = client.role;
      this.clientConnections = client.connections;
      this.clientWorkBucket = clientOptions.workBucket;
    }

    if (props.discoveryOutput ?? true) {
      addDeploymentOutput(this, securityGroup, efsStorage && storage.fileSystemId === undefined);
    }
  }

  public grantOperate(grantee: iam.IGrantable): iam.Grant {
    return super.grantOperate(grantee).combine(this.grantFind(grantee));
  }

  public grantExecute(grantee: iam.IGrantable): iam.Grant {
    const run = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:RunTask'],
      resourceArns: [this._ecsArn('task-definition', `${this.extraTaskDefinition.family}:*`)],
      conditions: { ArnEquals: { 'ecs:cluster': this._clusterArn } },
    });
    const pass = iam.Grant.addToPrincipal({
      grantee,
      actions: ['iam:PassRole'],
      resourceArns: [this.extraTaskDefinition.taskRole.roleArn, this.extraTaskDefinition.obtainExecutionRole().roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    });
    const tag = iam.Grant.addToPrincipal({
      grantee,
      actions: ['ecs:TagResource'],
      resourceArns: [this._ecsArn('task', `${this.clusterName}/*`)],
      conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
    });
    const grants = [run, tag, pass, this.grantFind(grantee)];
    const key = this.cluster.executeCommandConfiguration?.kmsKey;
    if (key) {
      grants.push(key.grant(grantee, 'kms:GenerateDataKey'));
    }
    return grants.reduce((all, grant) => all.combine(grant), super.grantExecute(grantee));
  }

  /** Lets a principal read the output that the deployment is found by. */
  private grantFind(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [outermostStack(this).stackId],
    });
  }

  /** All that is wrong with the properties at once, before anything is created. */
  private refuse(problems: string[]) {
    if (problems.length === 1) {
      throw new Error(`${this.node.path}: ${problems[0]}`);
    } else if (problems.length > 1) {
      throw new Error([`${this.node.path}: ${problems.length} problems`, ...problems].join('\n  - '));
    }
  }

  private createServerSecurityGroup(version: VastVersion, vastSubnetCidr: string): ec2.SecurityGroup {
    const securityGroup = new ec2.SecurityGroup(this, 'ServerSecurityGroup', {
      vpc: this.vpc,
      description: 'VAST server',
      allowAllOutbound: false,
    });
    securityGroup.addIngressRule(ec2.Peer.ipv4(vastSubnetCidr), ec2.Port.tcp(version.port), 'clients in the Vast subnet');
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'image registry and AWS services');
    return securityGroup;
  }
}
