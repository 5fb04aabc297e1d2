import { aws_efs as efs, aws_kms as kms, RemovalPolicy, Size } from 'aws-cdk-lib';
import { VastStorage } from '../../src';
import { serverAlone, stackOfTests } from '../synthesized-deployment';

describe('the file system by default', () => {
  const synthesized = serverAlone();
  const fileSystem = synthesized.only('AWS::EFS::FileSystem');

  test('is encrypted, with the key that AWS manages', () => {
    expect(fileSystem.Properties.Encrypted).toBe(true);
    expect(fileSystem.Properties).not.toHaveProperty('KmsKeyId');
  });

  test('has elastic throughput, because bursting credits run out on a small one', () => {
    expect(fileSystem.Properties.ThroughputMode).toBe('elastic');
    expect(fileSystem.Properties).not.toHaveProperty('ProvisionedThroughputInMibps');
  });

  test('has no backups, and says so', () => {
    expect(fileSystem.Properties.BackupPolicy).toEqual({ Status: 'DISABLED' });
  });

  test('outlives the deployment, but not a first deployment that failed', () => {
    expect(fileSystem.DeletionPolicy).toBe('RetainExceptOnCreate');
    expect(fileSystem.UpdateReplacePolicy).toBe('Retain');
  });

  test('has its name where people look for it', () => {
    expect(fileSystem.Properties.FileSystemTags).toEqual([{ Key: 'Name', Value: 'Stack/Vast/FileSystem' }]);
  });
});

describe('the policy of the file system', () => {
  const { Statement } = serverAlone().only('AWS::EFS::FileSystem').Properties.FileSystemPolicy;

  test('allows nothing to anybody: who mounts needs a grant of its own', () => {
    expect(Statement.length).toBeGreaterThan(0);
    expect(Statement.map(({ Effect }: { Effect: string }) => Effect)).toEqual(Statement.map(() => 'Deny'));
  });

  test.each([
    ['without TLS', { Bool: { 'aws:SecureTransport': 'false' } }],
    ['without an access point', { Null: { 'elasticfilesystem:AccessPointArn': 'true' } }],
  ])('denies everybody everything that comes %s', (_name, condition) => {
    expect(Statement).toContainEqual(expect.objectContaining({
      Effect: 'Deny',
      Principal: { AWS: '*' },
      Action: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite', 'elasticfilesystem:ClientRootAccess'],
      Condition: condition,
    }));
  });
});

describe('what can be asked of the file system', () => {
  const propertiesWith = (...options: Parameters<typeof VastStorage.efs>) =>
    serverAlone({ storage: VastStorage.efs(...options) }).only('AWS::EFS::FileSystem').Properties;

  test('a key of one\'s own', () => {
    const stack = stackOfTests();
    const kmsKey = new kms.Key(stack, 'Key');
    const synthesized = serverAlone({ storage: VastStorage.efs({ kmsKey }) }, stack);
    expect(synthesized.only('AWS::EFS::FileSystem').Properties).toMatchObject({ Encrypted: true, KmsKeyId: stack.resolve(kmsKey.keyArn) });
  });

  test('backups', () => {
    expect(propertiesWith({ automaticBackups: true }).BackupPolicy).toEqual({ Status: 'ENABLED' });
  });

  test('bursting and provisioned throughput', () => {
    expect(propertiesWith({ throughputMode: efs.ThroughputMode.BURSTING }).ThroughputMode).toBe('bursting');
    expect(propertiesWith({ throughputMode: efs.ThroughputMode.PROVISIONED, provisionedThroughputMiBps: Size.mebibytes(64).toMebibytes() }))
      .toMatchObject({ ThroughputMode: 'provisioned', ProvisionedThroughputInMibps: 64 });
  });

  test('that it be deleted with the deployment', () => {
    const fileSystem = serverAlone({ removalPolicy: RemovalPolicy.DESTROY }).only('AWS::EFS::FileSystem');
    expect([fileSystem.DeletionPolicy, fileSystem.UpdateReplacePolicy]).toEqual(['Delete', 'Delete']);
  });
});

describe('the way in', () => {
  const synthesized = serverAlone();
  const fileSystem = { Ref: synthesized.only('AWS::EFS::FileSystem').logicalId };
  const accessPoint = { Ref: synthesized.only('AWS::EFS::AccessPoint').logicalId };
  const target = synthesized.only('AWS::EFS::MountTarget');
  const group = synthesized.stack.resolve(synthesized.deployment.fileSystem!.connections.securityGroups[0].securityGroupId);
  const serverGroup = synthesized.stack.resolve(synthesized.deployment.connections.securityGroups[0].securityGroupId);
  const rules = ['Ingress', 'Egress'].flatMap(way => Object.entries(synthesized.all(`AWS::EC2::SecurityGroup${way}`)))
    .filter(([, { Properties }]) => Properties.FromPort === 2049);

  test('is an access point, whose directory belongs to the user of the official images', () => {
    expect(synthesized.only('AWS::EFS::AccessPoint').Properties).toMatchObject({
      FileSystemId: fileSystem,
      PosixUser: { Uid: '999', Gid: '999' },
      RootDirectory: { Path: '/vast', CreationInfo: { OwnerUid: '999', OwnerGid: '999', Permissions: '0750' } },
    });
  });

  test('may have another directory and user, who then owns it', () => {
    const other = serverAlone({ storage: VastStorage.efs({ path: '/a/b', posixUser: { uid: '7', gid: '8' } }) });
    expect(other.only('AWS::EFS::AccessPoint').Properties).toMatchObject({
      PosixUser: { Uid: '7', Gid: '8' },
      RootDirectory: { Path: '/a/b', CreationInfo: { OwnerUid: '7', OwnerGid: '8' } },
    });
  });

  test('is mounted with TLS and IAM, and without a root directory, which the access point brings', () => {
    expect(synthesized.taskDefinition.Properties.Volumes).toEqual([{
      Name: 'state',
      EFSVolumeConfiguration: {
        FilesystemId: fileSystem,
        TransitEncryption: 'ENABLED',
        AuthorizationConfig: { AccessPointId: accessPoint, IAM: 'ENABLED' },
      },
    }]);
  });

  test('is mounted where the engine keeps its state, and may be written to', () => {
    expect(synthesized.container.MountPoints).toEqual([{ SourceVolume: 'state', ContainerPath: '/var/lib/vast', ReadOnly: false }]);
  });

  test('is granted to the server\'s role on this file system, through this access point, and not as root', () => {
    const statements = synthesized.all('AWS::IAM::Policy')[
      Object.keys(synthesized.all('AWS::IAM::Policy')).find(id => /^VastServer.*TaskRole/.test(id))!].Properties.PolicyDocument.Statement;
    const [mount, ...others] = statements.filter(({ Action }: { Action: string[] }) => Action.some(action => action.startsWith('elasticfilesystem')));
    expect(others).toEqual([]);
    expect(mount.Action).toEqual(['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite']);
    expect(JSON.stringify(mount.Resource)).toContain(`:file-system/",${JSON.stringify(fileSystem)}`);
    expect(Object.keys(mount.Condition)).toEqual(['StringEquals']);
    expect(JSON.stringify(mount.Condition.StringEquals['elasticfilesystem:AccessPointArn']))
      .toContain(`:access-point/",${JSON.stringify(accessPoint)}`);
  });

  test('is one mount target, in the subnet of the server', () => {
    expect(target.Properties).toEqual({
      FileSystemId: fileSystem,
      SubnetId: synthesized.stack.resolve(synthesized.deployment.vastSubnet.subnetId),
      SecurityGroups: [group],
    });
  });

  test('is open in both directions, from the server to the mount target and nowhere else', () => {
    expect(rules.map(([, { Properties }]) => Properties)).toEqual([
      expect.objectContaining({ GroupId: group, SourceSecurityGroupId: serverGroup, IpProtocol: 'tcp', ToPort: 2049 }),
      expect.objectContaining({ GroupId: serverGroup, DestinationSecurityGroupId: group, IpProtocol: 'tcp', ToPort: 2049 }),
    ]);
  });

  test('is there before the first task: the service waits for the mount target, both rules and the grant', () => {
    const waitsFor = synthesized.only('AWS::ECS::Service').DependsOn;
    expect(waitsFor).toEqual(expect.arrayContaining([
      target.logicalId,
      ...rules.map(([logicalId]) => logicalId),
      ...Object.keys(synthesized.all('AWS::IAM::Policy')).filter(id => /^VastServer/.test(id)),
    ]));
  });
});

describe('an existing file system', () => {
  const synthesized = serverAlone({ storage: VastStorage.fromFileSystemId('fs-0123456789abcdef0', { path: '/old' }) });

  test('is not created again', () => {
    synthesized.template.resourceCountIs('AWS::EFS::FileSystem', 0);
  });

  test('gets a mount target and an access point of its own', () => {
    expect(synthesized.only('AWS::EFS::MountTarget').Properties.FileSystemId).toBe('fs-0123456789abcdef0');
    expect(synthesized.only('AWS::EFS::AccessPoint').Properties).toMatchObject({
      FileSystemId: 'fs-0123456789abcdef0', RootDirectory: { Path: '/old' }, PosixUser: { Uid: '999', Gid: '999' },
    });
    expect(JSON.stringify(synthesized.all('AWS::IAM::Policy'))).toContain(':file-system/fs-0123456789abcdef0');
  });

  test('is found at the same path as a new one where nothing is said', () => {
    const path = (storage: VastStorage) => serverAlone({ storage }).only('AWS::EFS::AccessPoint').Properties.RootDirectory.Path;
    expect(path(VastStorage.fromFileSystemId('fs-0123456789abcdef0'))).toBe(path(VastStorage.efs()));
  });

  test('is handed out by the deployment, as a new one is', () => {
    expect(synthesized.deployment.fileSystem!.fileSystemId).toBe('fs-0123456789abcdef0');
    expect(synthesized.deployment.accessPoint).toBeDefined();
  });

  test('keeps the logical ids of mount target and access point, so that a switch updates them', () => {
    const fresh = serverAlone();
    for (const type of ['AWS::EFS::MountTarget', 'AWS::EFS::AccessPoint']) {
      expect(synthesized.only(type).logicalId).toBe(fresh.only(type).logicalId);
    }
  });
});
