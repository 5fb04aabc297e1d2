import path from 'node:path';
import {
  ArnFormat, aws_ec2 as ec2, aws_ecr_assets as assets, aws_ecs as ecs, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, aws_s3 as s3,
  aws_sqs as sqs, Duration, RemovalPolicy, Stack,
} from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { RESULTS_BUCKET, WORK_BUCKET } from './client-variables';
import { VastClientOptions } from './vast-client-options';
import { VastVersion } from '../engine';
import { clientEnvironment } from '../engine/client-environment';

export interface VastClientProps {
  readonly options: VastClientOptions;
  readonly version: VastVersion;
  readonly cpuArchitecture: ecs.CpuArchitecture;
  readonly vpc: ec2.IVpc;
  readonly subnet: ec2.ISubnet;
  readonly server: ec2.IConnectable;
  readonly serverHostname: string;
  readonly logRetention: logs.RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** The actions with which Lambda connects a function to a VPC, those of AWSLambdaVPCAccessExecutionRole. */
const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
];

/** Runs commands next to the server: a function from an image that has the engine's client and what goes with it. */
export class VastClient extends Construct implements ec2.IConnectable, iam.IGrantable {
  public readonly function: lambda.DockerImageFunction;
  public readonly deadLetterQueue: sqs.IQueue;
  public readonly logGroup: logs.LogGroup;
  public readonly role: iam.Role;
  public readonly connections: ec2.Connections;
  public readonly grantPrincipal: iam.IPrincipal;

  constructor(scope: Construct, id: string, props: VastClientProps) {
    super(scope, id);
    const { options, version } = props;
    const { workBucket, resultsBucket = workBucket } = options;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc, description: 'VAST client', allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS services');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    this.connections.allowTo(props.server, ec2.Port.tcp(version.port), 'VAST client to its server');

    this.logGroup = new logs.LogGroup(this, 'LogGroup', { retention: props.logRetention, removalPolicy: props.removalPolicy });
    this.deadLetterQueue = options.deadLetterQueue ?? new sqs.Queue(this, 'DeadLetterQueue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14),
    });
    this.role = this.createRole();
    this.grantPrincipal = this.role;

    this.function = new lambda.DockerImageFunction(this, 'Function', {
      description: 'Runs commands next to the VAST server',
      code: options.image ?? this.buildImage(props),
      architecture: isArm(props.cpuArchitecture) ? lambda.Architecture.ARM_64 : lambda.Architecture.X86_64,
      memorySize: options.memoryMiB ?? 2048,
      timeout: options.timeout ?? Duration.minutes(5),
      ephemeralStorageSize: options.ephemeralStorage,
      environment: {
        ...clientEnvironment(version),
        ...options.environment,
        [`${version.environmentPrefix}ENDPOINT`]: `${props.serverHostname}:${version.port}`,
        ...resultsBucket && { [RESULTS_BUCKET]: resultsBucket.bucketName },
        ...workBucket && { [WORK_BUCKET]: workBucket.bucketName },
      },
      vpc: props.vpc,
      vpcSubnets: { subnets: [props.subnet] },
      securityGroups: [securityGroup],
      role: this.role,
      logGroup: this.logGroup,
      reservedConcurrentExecutions: options.reservedConcurrentExecutions,
      // A second import of the same data would double it.
      retryAttempts: 0,
      deadLetterQueue: this.deadLetterQueue,
    });
    // A queue with a key needs rights on the key, too; CDK gives the function the right to send alone.
    options.deadLetterQueue?.grantSendMessages(this.role);
    options.resultsBucket?.grantPut(this.role, 'results/*');
    if (workBucket) {
      this.grantScratchSpace(workBucket);
    }
    // Both ways: the function is not created before its role may do everything, and gone before the role is.
    this.function.node.addDependency(this.role, securityGroup);
  }

  private buildImage({ options, version, cpuArchitecture }: VastClientProps): lambda.DockerImageCode {
    return lambda.DockerImageCode.fromImageAsset(path.join(__dirname, '..', '..', 'docker', 'client'), {
      buildArgs: {
        ENGINE_IMAGE: options.engineImage ?? version.image,
        ...options.nodeImage ? { NODE_IMAGE: options.nodeImage } : {},
      },
      platform: isArm(cpuArchitecture) ? assets.Platform.LINUX_ARM64 : assets.Platform.LINUX_AMD64,
    });
  }

  /** CDK's own grants for this allow more: tags, retention, whatever begins with `s3:GetObject`. */
  private grantScratchSpace(bucket: s3.IBucket) {
    const grant = (actions: string[], resourceArn: string) =>
      iam.Grant.addToPrincipalOrResource({ grantee: this.role, actions, resourceArns: [resourceArn], resource: bucket });
    grant(['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'], bucket.bucketArn);
    grant(['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], bucket.arnForObjects('*'));
    bucket.encryptionKey?.grantEncryptDecrypt(this.role);
  }

  private createRole(): iam.Role {
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup.grantWrite(role);
    // Lambda connects the function to the subnet with the rights of its role, and asks for them on everything: they are those of
    // AWSLambdaVPCAccessExecutionRole. Its rights on logs are narrower here.
    // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
    role.addToPolicy(new iam.PolicyStatement({ actions: NETWORK_INTERFACE_ACTIONS, resources: ['*'] }));
    // They are Lambda's to use, not the commands' that run in the function.
    role.addToPolicy(new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: [...NETWORK_INTERFACE_ACTIONS, 'ec2:DetachNetworkInterface'],
      resources: ['*'],
      conditions: {
        ArnLike: {
          'lambda:SourceFunctionArn': Stack.of(this).formatArn({
            service: 'lambda', resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
          }),
        },
      },
    }));
    return role;
  }
}

function isArm(architecture: ecs.CpuArchitecture): boolean {
  return architecture._cpuArchitecture === ecs.CpuArchitecture.ARM64._cpuArchitecture;
}
