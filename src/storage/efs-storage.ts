import { ArnFormat, aws_ec2 as ec2, aws_ecs as ecs, aws_efs as efs, aws_iam as iam, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct, DependencyGroup, IDependable } from 'constructs';
import { StorageChoice } from './vast-storage';

export interface EfsStorageProps {
  readonly choice: StorageChoice;
  readonly vpc: ec2.IVpc;
  readonly subnet: ec2.ISubnet;
  readonly server: ec2.IConnectable;
  readonly removalPolicy: RemovalPolicy;
}

/** The user and group of the official images, and so of the engine's files. */
const DEFAULT_POSIX_USER: efs.PosixUser = { uid: '999', gid: '999' };

/**
 * A file system, new or existing, with the one way in that the server uses.
 *
 * The mount target is written out instead of taken from CDK's `FileSystem`, whose feature flags change the logical ids
 * of mount targets, upon which an update fails.
 */
export class EfsStorage extends Construct {
  public readonly fileSystem: efs.IFileSystem;
  public readonly accessPoint: efs.IAccessPoint;
  public readonly volume: ecs.Volume;

  /** What has to exist before a task can mount. */
  public readonly mountable: IDependable;

  constructor(scope: Construct, id: string, props: EfsStorageProps) {
    super(scope, id);
    const directory = props.choice.efs ?? props.choice.directory ?? {};
    const posixUser = directory.posixUser ?? DEFAULT_POSIX_USER;

    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc,
      description: 'Mount target of the VAST file system',
      allowAllOutbound: false,
    });
    this.fileSystem = efs.FileSystem.fromFileSystemAttributes(this, 'FileSystem', {
      fileSystemId: props.choice.fileSystemId ?? this.createFileSystem(props).ref,
      securityGroup,
    });
    this.fileSystem.connections.allowDefaultPortFrom(props.server, 'VAST server to its file system');

    const mountTarget = new efs.CfnMountTarget(this, 'MountTarget', {
      fileSystemId: this.fileSystem.fileSystemId,
      subnetId: props.subnet.subnetId,
      securityGroups: [securityGroup.securityGroupId],
    });
    this.accessPoint = new efs.AccessPoint(this, 'AccessPoint', {
      fileSystem: this.fileSystem,
      path: directory.path ?? '/vast',
      posixUser,
      createAcl: { ownerUid: posixUser.uid, ownerGid: posixUser.gid, permissions: '0750' },
    });

    // The rules of the security groups are resources of their own, and a task that comes before them cannot mount.
    this.mountable = new DependencyGroup(mountTarget, securityGroup, this.accessPoint);

    this.volume = {
      name: 'state',
      efsVolumeConfiguration: {
        fileSystemId: this.fileSystem.fileSystemId,
        transitEncryption: 'ENABLED',
        authorizationConfig: { accessPointId: this.accessPoint.accessPointId, iam: 'ENABLED' },
      },
    };
  }

  /** Lets a role mount and write through the access point; being root on the file system is nobody's. */
  public grantMount(grantee: iam.IGrantable): iam.Grant {
    return iam.Grant.addToPrincipal({
      grantee,
      actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
      resourceArns: [Stack.of(this).formatArn({
        service: 'elasticfilesystem',
        resource: 'file-system',
        resourceName: this.fileSystem.fileSystemId,
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      })],
      conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': this.accessPoint.accessPointArn } },
    });
  }

  private createFileSystem({ choice, removalPolicy }: EfsStorageProps): efs.CfnFileSystem {
    const fileSystem = new efs.CfnFileSystem(this, 'Resource', {
      encrypted: true,
      kmsKeyId: choice.efs?.kmsKey?.keyArn,
      throughputMode: choice.efs?.throughputMode ?? efs.ThroughputMode.ELASTIC,
      provisionedThroughputInMibps: choice.efs?.provisionedThroughputMiBps,
      backupPolicy: { status: choice.efs?.automaticBackups ? 'ENABLED' : 'DISABLED' },
      fileSystemPolicy: refusal(),
      fileSystemTags: [{ key: 'Name', value: this.node.path }],
    });
    fileSystem.applyRemovalPolicy(removalPolicy);
    return fileSystem;
  }
}

/**
 * Refuses what does not come encrypted, or not through an access point.
 *
 * Nothing is allowed here: whoever mounts needs a grant of its own, so anonymous clients are refused as well (with no
 * policy at all EFS lets everybody in who reaches the port). The access point's ARN cannot be named, as it depends on
 * the file system; the server's grant names it.
 */
function refusal(): iam.PolicyDocument {
  const refuse = (sid: string, conditions: Record<string, unknown>) => new iam.PolicyStatement({
    sid,
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite', 'elasticfilesystem:ClientRootAccess'],
    conditions,
  });
  return new iam.PolicyDocument({
    statements: [
      refuse('RefuseWithoutTls', { Bool: { 'aws:SecureTransport': 'false' } }),
      refuse('RefuseWithoutAccessPoint', { Null: { 'elasticfilesystem:AccessPointArn': 'true' } }),
    ],
  });
}
