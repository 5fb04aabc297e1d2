import { readFileSync } from 'node:fs';
import path from 'node:path';
import {
  aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_efs as efs, aws_kms as kms, aws_lambda as lambda, aws_logs as logs, aws_s3 as s3,
  aws_secretsmanager as secretsmanager, aws_sqs as sqs, Duration, RemovalPolicy, Size, Stack,
} from 'aws-cdk-lib';
import { ENV, stackOfTests, SynthesizedDeployment } from './synthesized-deployment';
import { TemplateChange } from './template-change';
import { VastDeploymentProps, VastEgress, VastStorage, VastVersion } from '../src';

/** The properties of a deployment, which may need constructs of the same stack. */
type Props = (stack: Stack) => Partial<VastDeploymentProps>;

interface Case {
  readonly before?: Props;
  readonly after: Props;
  /** What CloudFormation creates anew, and deletes the old one of. */
  readonly replaced?: string[];
}

const PEER = { vpcId: 'vpc-059a7ec8', availabilityZones: ['eu-central-1a'], vpcCidrBlock: '10.0.0.0/16', privateSubnetIds: ['subnet-1'], privateSubnetRouteTableIds: ['rtb-0aa'] };
const peer = (stack: Stack, attributes: Partial<ec2.VpcAttributes> = {}) => ec2.Vpc.fromVpcAttributes(stack, 'Peer', { ...PEER, ...attributes });
const peered = (peering: VastDeploymentProps['peering']): Props => stack => ({ peeredVpc: peer(stack), peering });
const client = (options: VastDeploymentProps['client']): Props => () => ({ client: options });
const storage = (choice: VastStorage): Props => () => ({ storage: choice });
const bucket = (stack: Stack) => s3.Bucket.fromBucketName(stack, 'Bucket', 'mine');

const CONNECTION = 'EC2::VPCPeeringConnection';
const TASK = 'ECS::TaskDefinition';
const ACCESS_POINT = 'EFS::AccessPoint';
const MOUNT_TARGET = 'EFS::MountTarget';
const NAMESPACE = ['ServiceDiscovery::PrivateDnsNamespace', 'ServiceDiscovery::Service'];

const CASES: { [property: string]: Case } = {
  'cidr': {
    replaced: [
      'EC2::NatGateway', 'EC2::Route', 'EC2::RouteTable', 'EC2::SecurityGroup', 'EC2::SecurityGroupEgress', 'EC2::SecurityGroupIngress', 'EC2::Subnet',
      'EC2::SubnetRouteTableAssociation', 'EC2::VPC', 'EC2::VPCEndpoint', 'EC2::VPCGatewayAttachment', MOUNT_TARGET, ...NAMESPACE,
    ],
    after: () => ({ cidr: '172.31.49.0/24' }),
  },
  'availabilityZone': { replaced: ['EC2::NatGateway', 'EC2::Subnet', 'EC2::SubnetRouteTableAssociation', MOUNT_TARGET], before: () => ({ availabilityZone: 'eu-central-1a' }), after: () => ({ availabilityZone: 'eu-central-1b' }) },
  'cluster': { replaced: ['ECS::Service'], after: stack => ({ cluster: ecs.Cluster.fromClusterAttributes(stack, 'Mine', { clusterName: 'mine', vpc: peer(stack) }) }) },
  'peeredVpc': { replaced: [CONNECTION], before: stack => ({ peeredVpc: peer(stack) }), after: stack => ({ peeredVpc: peer(stack, { vpcId: 'vpc-069a7ec8' }) }) },
  'peering.ownerAccount': { replaced: [CONNECTION], before: peered({ ownerAccount: '222222222222', acceptRoleArn: 'arn:aws:iam::222222222222:role/a' }), after: peered({ ownerAccount: '333333333333', acceptRoleArn: 'arn:aws:iam::222222222222:role/a' }) },
  'peering.region': { replaced: [CONNECTION], after: peered({ region: 'eu-west-1' }), before: peered({ region: 'eu-west-2' }) },
  'peering.acceptRoleArn': { replaced: [CONNECTION], before: peered({ ownerAccount: '222222222222', acceptRoleArn: 'arn:aws:iam::222222222222:role/a' }), after: peered({ ownerAccount: '222222222222', acceptRoleArn: 'arn:aws:iam::222222222222:role/b' }) },
  'peering.routeTableIds': { before: peered({}), after: peered({ routeTableIds: ['rtb-0bb', 'rtb-0aa'] }) },
  'peering.cidrs': { before: peered({}), after: peered({ cidrs: ['10.1.0.0/16', '10.0.0.0/16'] }) },
  'version': { replaced: [TASK], before: () => ({ version: VastVersion.V2_4_2 }), after: () => ({ version: VastVersion.V6_20_0 }) },
  'storage: from efs to attached': { replaced: [TASK], after: storage(VastStorage.attached()) },
  'storage: from efs to fromFileSystemId': { replaced: [TASK, ACCESS_POINT, MOUNT_TARGET], after: storage(VastStorage.fromFileSystemId('fs-0123456789abcdef0')) },
  'storage: from attached to efs': { replaced: [TASK], before: storage(VastStorage.attached()), after: storage(VastStorage.efs()) },
  'storage.path': { replaced: [TASK, ACCESS_POINT], after: storage(VastStorage.efs({ path: '/other' })) },
  'storage.posixUser': { replaced: [TASK, ACCESS_POINT], after: storage(VastStorage.efs({ posixUser: { uid: '1', gid: '1' } })) },
  'storage.throughputMode': { after: storage(VastStorage.efs({ throughputMode: efs.ThroughputMode.BURSTING })) },
  'storage.provisionedThroughputMiBps': {
    before: storage(VastStorage.efs({ throughputMode: efs.ThroughputMode.PROVISIONED, provisionedThroughputMiBps: 1 })),
    after: storage(VastStorage.efs({ throughputMode: efs.ThroughputMode.PROVISIONED, provisionedThroughputMiBps: 2 })),
  },
  'storage.automaticBackups': { after: storage(VastStorage.efs({ automaticBackups: true })) },
  'storage.kmsKey': { replaced: [TASK, ACCESS_POINT, 'EFS::FileSystem', MOUNT_TARGET], after: stack => ({ storage: VastStorage.efs({ kmsKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/a') }) }) },
  'storage.sizeGiB': { replaced: [TASK], before: storage(VastStorage.attached()), after: storage(VastStorage.attached({ sizeGiB: 50 })) },
  'egress.eipAllocationId': { replaced: ['EC2::NatGateway'], after: () => ({ egress: VastEgress.natGateway({ eipAllocationId: 'eipalloc-1' }) }) },
  'flowLogs: from none': { after: () => ({ flowLogs: {} }) },
  'flowLogs: other traffic': {
    replaced: ['EC2::FlowLog'], before: () => ({ flowLogs: {} }), after: () => ({ flowLogs: { trafficType: ec2.FlowLogTrafficType.REJECT } }),
  },
  'cpu': { replaced: [TASK], after: () => ({ cpu: 1024 }) },
  'memoryLimitMiB': { replaced: [TASK], after: () => ({ memoryLimitMiB: 5120 }) },
  'cpuArchitecture': { replaced: [TASK], before: () => ({ version: VastVersion.V6_20_0 }), after: () => ({ version: VastVersion.V6_20_0, cpuArchitecture: ecs.CpuArchitecture.ARM64 }) },
  'image': { replaced: [TASK], after: () => ({ image: ecs.ContainerImage.fromRegistry('mine') }) },
  'environment': { replaced: [TASK], after: () => ({ environment: { A: 'b' } }) },
  'secrets': { replaced: [TASK], after: stack => ({ secrets: { A: ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'a')) } }) },
  'engineConfiguration': { replaced: [TASK], after: () => ({ engineConfiguration: { vast: {} } }) },
  'client.enabled': { after: client({ enabled: false }) },
  'client.image': {
    after: stack => ({ client: { image: lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Repository', 'mine')) } }),
  },
  'client.engineImage': { after: client({ engineImage: 'mine' }) },
  'client.nodeImage': { after: client({ nodeImage: 'mine' }) },
  'client.memoryMiB': { after: client({ memoryMiB: 512 }) },
  'client.timeout': { after: client({ timeout: Duration.minutes(1) }) },
  'client.ephemeralStorage': { after: client({ ephemeralStorage: Size.gibibytes(1) }) },
  'client.environment': { after: client({ environment: { NAME: 'value' } }) },
  'client.reservedConcurrentExecutions': { after: client({ reservedConcurrentExecutions: 1 }) },
  'client.deadLetterQueue': { after: stack => ({ client: { deadLetterQueue: sqs.Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:eu-central-1:111111111111:mine') } }) },
  'client.resultsBucket': { after: stack => ({ client: { resultsBucket: bucket(stack) } }) },
  'client.workBucket': { after: stack => ({ client: { workBucket: bucket(stack) } }) },
  'autoStart': { after: () => ({ autoStart: false }) },
  'namespaceName': { replaced: [TASK, ...NAMESPACE], after: () => ({ namespaceName: 'other.internal' }) },
  'logRetention': { after: () => ({ logRetention: logs.RetentionDays.ONE_DAY }) },
  'removalPolicy': { after: () => ({ removalPolicy: RemovalPolicy.DESTROY }) },
  'discoveryOutput': { after: () => ({ discoveryOutput: false }) },
};

/** The values in the first two columns of the table. */
const TABLE = rowsOf(readFileSync(path.join(__dirname, '..', 'docs', 'operations.md'), 'utf8'));

function rowsOf(document: string): { [property: string]: string } {
  const [, section] = /^## What a change does\n(.*?)^##+ /ms.exec(document)!;
  return Object.fromEntries([...section.matchAll(/^\| (`.*?`) \| (.*?) \|/gm)]
    .flatMap(([, properties, server]) => [...properties.matchAll(/`(.*?)`/g)].map(([, property]) => [property, server])));
}

/** The properties that an interface declares. */
function propertiesOf(file: string, name: string): string[] {
  const source = readFileSync(path.join(__dirname, '..', 'src', file), 'utf8');
  const [, body] = new RegExp(`^export interface ${name}\\b.*?\\{\\n(.*?)^\\}`, 'ms').exec(source)!;
  return [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, property]) => property);
}

describe('the table of changes in docs/operations.md', () => {
  const below = (prefix: string, file: string, name: string) => propertiesOf(file, name).map(property => `${prefix}.${property}`);
  const properties = [
    // These have rows of their own for what is in them.
    ...propertiesOf('vast-deployment-props.ts', 'VastDeploymentProps').filter(name => !['peering', 'egress', 'client'].includes(name)),
    ...below('peering', 'network/vast-peer.ts', 'VastPeeringOptions'),
    ...below('egress', 'network/vast-egress.ts', 'NatGatewayEgressOptions'),
    ...['VastDirectoryOptions', 'EfsStorageOptions', 'AttachedStorageOptions'].flatMap(name => below('storage', 'storage/vast-storage.ts', name)),
    ...below('client', 'client/vast-client-options.ts', 'VastClientOptions'),
  ];

  test('has a row for every property, and none for what is no property', () => {
    expect(properties.length).toBeGreaterThan(40);
    expect(Object.keys(TABLE).sort()).toEqual([...properties].sort());
  });

  test('has a case here for every row', () => {
    expect([...new Set(Object.keys(CASES).map(propertyOf))].sort()).toEqual([...properties].sort());
  });

  const synthesized = (props: Props) => {
    const stack = stackOfTests({ env: ENV });
    return new SynthesizedDeployment(props(stack), stack);
  };
  const defaults = synthesized(() => ({}));

  test.each(Object.entries(CASES))('tells what CloudFormation makes of %s', (name, { before, after, replaced = [] }) => {
    const [earlier, later] = [before ? synthesized(before) : defaults, synthesized(after)];
    const change = new TemplateChange(earlier, later);
    expect(later.text).not.toBe(earlier.text);
    expect({ server: change.server, replaced: change.replaced }).toEqual({ server: TABLE[propertyOf(name)], replaced });
  });
});

function propertyOf(name: string): string {
  return name.split(':')[0];
}
