import { aws_ec2 as ec2, aws_ecs as ecs, aws_logs as logs, RemovalPolicy } from 'aws-cdk-lib';
import { VastClientOptions } from './client/vast-client-options';
import { VastVersion } from './engine';
import { VastEgress } from './network/vast-egress';
import { VastPeeringOptions } from './network/vast-peer';
import { VastStorage } from './storage/vast-storage';

/** Properties of a `VastDeployment`. */
export interface VastDeploymentProps {
  /**
   * The IPv4 CIDR of the deployment's VPC, a /16 to a /27, such as `172.31.48.0/24`.
   *
   * Half of it becomes the private Vast subnet, the other half the public Gateway subnet. It must not overlap with the
   * peered VPC.
   *
   * It cannot be changed while the deployment is there: CloudFormation creates the new VPC first, and AWS refuses a mount
   * target of the same file system in it, so the update fails and is rolled back. Destroy the stack, which keeps the database,
   * and deploy it anew with `VastStorage.fromFileSystemId()`.
   *
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
   */
  readonly cidr: string;

  /**
   * The VPC that is peered with the deployment's, so that what runs there can reach the server.
   *
   * Peering gives it routes, not access: allow its clients with `connections.allowDefaultPortFrom(…)`. The connection costs
   * nothing; traffic between availability zones costs about 0.01 USD per GB and direction (us-east-1), more between regions.
   *
   * @default - nothing is peered
   * @see https://docs.aws.amazon.com/vpc/latest/peering/what-is-vpc-peering.html
   */
  readonly peeredVpc?: ec2.IVpc;

  /**
   * What `peeredVpc` cannot say of itself: another account or region, route tables, further CIDRs.
   *
   * @default - a VPC in the same account and region, whose subnets know their route tables
   */
  readonly peering?: VastPeeringOptions;

  /**
   * The engine's release.
   *
   * An older release on a database that a newer one has written may misread or damage it: the server's log warns.
   *
   * @default VastVersion.V3_1_0
   * @see https://github.com/tenzir/tenzir/releases
   */
  readonly version?: VastVersion;

  /**
   * Where the engine keeps its database.
   *
   * Changing from `efs()` to another storage keeps the file system, but takes it out of the stack; changing back
   * creates a new, empty one. Return to the old one with `VastStorage.fromFileSystemId()`.
   *
   * @default VastStorage.efs()
   */
  readonly storage?: VastStorage;

  /**
   * How the private subnet reaches the internet and the AWS services.
   *
   * It is most of what a deployment costs while its server is stopped: see `VastEgress`.
   *
   * @default VastEgress.natGateway()
   */
  readonly egress?: VastEgress;

  /**
   * The availability zone of both subnets, such as `eu-west-1a`. Clients in the same one pay nothing for traffic.
   *
   * Like `cidr`, it cannot be changed while the deployment is there: the new subnet would have the addresses of the old one.
   *
   * @default - the first of the region
   */
  readonly availabilityZone?: string;

  /**
   * Records the traffic of the VPC.
   *
   * Flow logs cost about 0.50 USD per GB in CloudWatch Logs (us-east-1).
   *
   * @default - no flow logs
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html
   */
  readonly flowLogs?: ec2.FlowLogOptions;

  /**
   * The ECS cluster that the server runs in; any cluster can take Fargate tasks of this VPC.
   *
   * A cluster costs nothing by itself. Its `executeCommandConfiguration` says whether sessions of ECS Exec are recorded, and
   * with which key they are encrypted. Where it says nothing, they are recorded in the log group of the server.
   *
   * One that exists is imported with `ecs.Cluster.fromClusterAttributes()`; `fromClusterArn()` does not say enough of it.
   *
   * A change stops the server and all one-off tasks, and then creates a service in the new cluster, which runs.
   *
   * @default - a new cluster, which records no sessions
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
   */
  readonly cluster?: ecs.ICluster;

  /**
   * The server's CPU in units; 1024 are one vCPU.
   *
   * A vCPU costs about 0.04 USD per hour (us-east-1) while the server runs, and 29.55 USD for a month of it.
   *
   * @default 2048
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
   */
  readonly cpu?: number;

  /**
   * The server's memory in MiB; Fargate has certain sizes for each number of CPU units.
   *
   * A GiB costs about 0.0044 USD per hour (us-east-1) while the server runs, and 3.24 USD for a month of it.
   *
   * @default 4096
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
   */
  readonly memoryLimitMiB?: number;

  /**
   * The server's CPU architecture; the engine has images for arm64 from v4.10.0 on.
   *
   * Fargate and Lambda cost about a fifth less on arm64.
   *
   * @default ecs.CpuArchitecture.X86_64
   * @see https://aws.amazon.com/fargate/pricing/
   */
  readonly cpuArchitecture?: ecs.CpuArchitecture;

  /**
   * The image of the server instead of the official one of `version`.
   *
   * It needs the engine's programs on its `PATH`, as well as `perl` and `grep`, which Debian always has. `version` has
   * to say which release it contains. An image in ECR costs about 0.10 USD per GB and month (us-east-1), and has no limit on
   * pulls.
   *
   * @default - the official image on Docker Hub
   * @see https://docs.docker.com/docker-hub/usage/
   */
  readonly image?: ecs.ContainerImage;

  /**
   * Environment variables of the server, in plain text for everybody who may read the task definition.
   *
   * @default - none but those of the image
   */
  readonly environment?: { [name: string]: string };

  /**
   * Environment variables of the server that come from Secrets Manager or Parameter Store.
   *
   * They are read when a task starts. A secret in Secrets Manager costs about 0.40 USD per month.
   *
   * @default - none
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specifying-sensitive-data.html
   */
  readonly secrets?: { [name: string]: ecs.Secret };

  /**
   * The engine's configuration file as an object, for example `{ tenzir: { 'max-partition-size': 1048576 } }`.
   *
   * It stands in plain text in the task definition. The environment wins over it.
   *
   * @default - the engine's defaults; from v6.3.0 on, pipelines have a minute to end when the server is stopped
   *   (`shutdown-grace-period`), since Fargate kills the engine after two
   * @see https://docs.tenzir.com/reference/node/configuration
   */
  readonly engineConfiguration?: { [key: string]: any };

  /**
   * The Lambda client, which runs commands next to the server.
   *
   * Its image is built when the stack is deployed, which takes Docker, unless `client.image` hands one in.
   * `{ enabled: false }` leaves the client out.
   *
   * @default - a client with the defaults of `VastClientOptions`
   */
  readonly client?: VastClientOptions;

  /**
   * Whether the server is started by the first deployment.
   *
   * With `true`, later deployments leave a stopped server stopped and a running one running. With `false`, it is
   * created stopped, and **every deployment that changes the server stops it again**.
   *
   * @default true
   */
  readonly autoStart?: boolean;

  /**
   * What follows `vast-server.` in the server's DNS name: the name of a Cloud Map namespace.
   *
   * Its private hosted zone costs about 0.50 USD per month.
   *
   * @default - the construct's id in lower case, followed by `.internal`
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html
   */
  readonly namespaceName?: string;

  /**
   * How long the logs of server and client are kept.
   *
   * What is written costs about 0.50 USD per GB, and what is kept 0.03 USD per GB and month (us-east-1).
   *
   * @default logs.RetentionDays.ONE_MONTH
   * @see https://aws.amazon.com/cloudwatch/pricing/
   */
  readonly logRetention?: logs.RetentionDays;

  /**
   * What becomes of the file system and the logs when the deployment is destroyed, or they leave the stack.
   *
   * By default they are kept, but not where the very first deployment fails, which would leave an orphan behind. What is kept
   * is billed until you delete it.
   *
   * @default RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether the stack gets an output from which `vast-cloud` and the runtime classes find this deployment.
   *
   * @default true
   */
  readonly discoveryOutput?: boolean;
}
