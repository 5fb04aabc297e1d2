import {
  aws_ec2 as ec2, aws_ecs as ecs, aws_efs as efs, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, aws_servicediscovery as servicediscovery,
  aws_sqs as sqs, RemovalPolicy,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { clientProblems } from './client/client-checks';
import { VastClient } from './client/vast-client';
import { VastVersion } from './engine';
import { cidrProblems } from './network/cidr-checks';
import { VastEgress } from './network/vast-egress';
import { describePeer } from './network/vast-peer';
import { VastPeering } from './network/vast-peering';
import { VastVpc } from './network/vast-vpc';
import { serverProblems } from './server/server-checks';
import { SERVER_NAME, VastServer } from './server/vast-server';
import { EfsStorage } from './storage/efs-storage';
import { storageProblems } from './storage/storage-checks';
import { VastStorage } from './storage/vast-storage';
import { IVastDeployment, VastDeploymentBase } from './vast-deployment-base';
import { addDeploymentOutput, outermostStack } from './vast-deployment-output';
import { VastDeploymentProps } from './vast-deployment-props';

/** What is known of a deployment that was defined elsewhere. */
export interface VastDeploymentAttributes {
  /** The ECS cluster that the server runs in. */
  readonly clusterName: string;

  /** The ECS service that the server is. */
  readonly serviceName: string;

  /** The private DNS name of the server. */
  readonly serverHostname: string;

  /** The TCP port that the engine listens on. */
  readonly serverPort: number;

  /** The server's security group. */
  readonly securityGroup: ec2.ISecurityGroup;

  /**
   * The server's log group.
   *
   * @default - not known, so `grantOperate` does not give access to it
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * The function that is the client.
   *
   * @default - not known, so `grantInvokeClient` refuses
   */
  readonly clientFunction?: lambda.IFunction;
}

/**
 * The VAST (Tenzir) security-telemetry engine as a Fargate service, in a VPC of its own that is peered with yours.
 *
 * What costs while it idles is the NAT gateway; while it runs, CPU and memory as well. See the properties.
 */
export class VastDeployment extends VastDeploymentBase implements iam.IGrantable {
  /** A deployment that was defined elsewhere. */
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

  /** The log group of the server. */
  public readonly logGroup: logs.ILogGroup;

  /** The Cloud Map namespace, a private hosted zone of the deployment's VPC. */
  public readonly namespace: servicediscovery.IPrivateDnsNamespace;

  /** The function that runs commands next to the server; undefined where there is no client. */
  public readonly clientFunction?: lambda.IFunction;

  /** The log group of the client; undefined where there is no client. */
  public readonly clientLogGroup?: logs.ILogGroup;

  /** The queue for asynchronous calls of the client that have failed; undefined where there is no client. */
  public readonly clientDeadLetterQueue?: sqs.IQueue;

  /** The role with which the commands call AWS; undefined where there is no client. */
  public readonly clientRole?: iam.IRole;

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
    const secrets = props.secrets ?? {};
    const cpuArchitecture = props.cpuArchitecture ?? ecs.CpuArchitecture.X86_64;
    const clientOptions = props.client?.enabled === false ? undefined : props.client ?? {};
    this.refuse([
      ...cidrProblems(props.cidr, peer?.literalCidrs),
      ...peer?.problems ?? [],
      ...props.peering && !props.peeredVpc ? ['peering describes a peeredVpc, which is missing: give both or neither'] : [],
      ...storageProblems(storage),
      ...serverProblems({
        ...request,
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
      vpc: this.vpc, cidr: props.cidr, subnet: this.vastSubnet, peer,
    }).connection;

    const securityGroup = this.createServerSecurityGroup(version, network.vastSubnetCidr);
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
      namespaceName: props.namespaceName ?? `${id.toLowerCase().replace(/[^a-z0-9-]/g, '')}.internal`,
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
    }

    if (props.discoveryOutput ?? true) {
      addDeploymentOutput(this, securityGroup, efsStorage && storage.fileSystemId === undefined);
    }
  }

  public grantOperate(grantee: iam.IGrantable): iam.Grant {
    return super.grantOperate(grantee).combine(iam.Grant.addToPrincipal({
      grantee,
      actions: ['cloudformation:DescribeStacks'],
      resourceArns: [outermostStack(this).stackId],
    }));
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

class ImportedVastDeployment extends VastDeploymentBase {
  public readonly clusterName: string;
  public readonly serviceName: string;
  public readonly serverHostname: string;
  public readonly serverPort: number;
  public readonly connections: ec2.Connections;
  public readonly clientFunction?: lambda.IFunction;
  protected readonly serverLogs?: logs.ILogGroup;

  constructor(scope: Construct, id: string, attributes: VastDeploymentAttributes) {
    super(scope, id);
    this.clusterName = attributes.clusterName;
    this.serviceName = attributes.serviceName;
    this.serverHostname = attributes.serverHostname;
    this.serverPort = attributes.serverPort;
    this.serverLogs = attributes.logGroup;
    this.clientFunction = attributes.clientFunction;
    this.connections = new ec2.Connections({
      securityGroups: [attributes.securityGroup], defaultPort: ec2.Port.tcp(attributes.serverPort),
    });
  }
}
