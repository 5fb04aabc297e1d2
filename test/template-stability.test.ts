import { readFileSync } from 'node:fs';
import { aws_ec2 as ec2, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ENV, rootOfTests, stackOfTests, SynthesizedDeployment } from './synthesized-deployment';
import { VastDeployment, VastDeploymentProps, VastStorage } from '../src';

const RECOMMENDED_FLAGS: { [flag: string]: unknown } =
  JSON.parse(readFileSync(require.resolve('aws-cdk-lib/recommended-feature-flags.json'), 'utf8'));

const typesById = (synthesized: SynthesizedDeployment) => Object.fromEntries(
  Object.entries(synthesized.template.toJSON().Resources as { [id: string]: { Type: string } }).map(([id, { Type }]) => [id, Type]));

/**
 * The logical ids are API: CloudFormation takes a resource with another id for another resource, and makes it anew.
 *
 * A new line is a new resource; a line that changes or goes is a breaking change for whoever has deployed it.
 */
const LOGICAL_IDS = {
  // The database itself. This line never changes.
  VastFileSystem770975C6: 'AWS::EFS::FileSystem',

  VastClientDeadLetterQueue630427CF: 'AWS::SQS::Queue',
  VastClientDeadLetterQueuePolicy05BD54F8: 'AWS::SQS::QueuePolicy',
  VastClientFunctionDBE9C5E5: 'AWS::Lambda::Function',
  VastClientFunctionEventInvokeConfig0129BF1B: 'AWS::Lambda::EventInvokeConfig',
  VastClientLogGroupC03F8506: 'AWS::Logs::LogGroup',
  VastClientRole6734419F: 'AWS::IAM::Role',
  VastClientRoleDefaultPolicyA3AA9240: 'AWS::IAM::Policy',
  VastClientSecurityGroupFE3ED51B: 'AWS::EC2::SecurityGroup',
  VastExtraTaskSecurityGroupE3B8D7CE: 'AWS::EC2::SecurityGroup',
  VastExtraTaskTaskDefinition42AB3589: 'AWS::ECS::TaskDefinition',
  VastExtraTaskTaskDefinitionTaskRole78173CAF: 'AWS::IAM::Role',
  VastExtraTaskTaskDefinitionTaskRoleDefaultPolicy54565897: 'AWS::IAM::Policy',
  VastFileSystemAccessPoint99966745: 'AWS::EFS::AccessPoint',
  VastFileSystemMountTarget30D67C69: 'AWS::EFS::MountTarget',
  VastFileSystemSecurityGroup08B4C3DA: 'AWS::EC2::SecurityGroup',
  VastNetworkVpc9BACC31F: 'AWS::EC2::VPC',
  VastNetworkVpcGatewaySubnet1DefaultRouteDC6FBD4F: 'AWS::EC2::Route',
  VastNetworkVpcGatewaySubnet1EIP9AE72A0A: 'AWS::EC2::EIP',
  VastNetworkVpcGatewaySubnet1NATGateway04F1A5C3: 'AWS::EC2::NatGateway',
  VastNetworkVpcGatewaySubnet1RouteTable13121A4E: 'AWS::EC2::RouteTable',
  VastNetworkVpcGatewaySubnet1RouteTableAssociationB545EB47: 'AWS::EC2::SubnetRouteTableAssociation',
  VastNetworkVpcGatewaySubnet1Subnet3297DE50: 'AWS::EC2::Subnet',
  VastNetworkVpcIGW9177EF60: 'AWS::EC2::InternetGateway',
  VastNetworkVpcS378B4AC17: 'AWS::EC2::VPCEndpoint',
  VastNetworkVpcVPCGWAE024135: 'AWS::EC2::VPCGatewayAttachment',
  VastNetworkVpcVastSubnet1DefaultRoute92AB9769: 'AWS::EC2::Route',
  VastNetworkVpcVastSubnet1RouteTableACD9682B: 'AWS::EC2::RouteTable',
  VastNetworkVpcVastSubnet1RouteTableAssociationB7EB3718: 'AWS::EC2::SubnetRouteTableAssociation',
  VastNetworkVpcVastSubnet1Subnet8AB8334A: 'AWS::EC2::Subnet',
  VastServerClusterED0ED995: 'AWS::ECS::Cluster',
  VastServerLogGroup5F7CBFA5: 'AWS::Logs::LogGroup',
  VastServerNamespace1780F71D: 'AWS::ServiceDiscovery::PrivateDnsNamespace',
  VastServerSecurityGroup0EDD7AD8: 'AWS::EC2::SecurityGroup',
  VastServerService574B9B5A: 'AWS::ECS::Service',
  VastServerServiceCloudmapServiceE5912F3E: 'AWS::ServiceDiscovery::Service',
  VastServerTaskDefinition779D00E4: 'AWS::ECS::TaskDefinition',
  VastServerTaskDefinitionExecutionRole324DD0B1: 'AWS::IAM::Role',
  VastServerTaskDefinitionExecutionRoleDefaultPolicy930112E8: 'AWS::IAM::Policy',
  VastServerTaskDefinitionTaskRole7D820247: 'AWS::IAM::Role',
  VastServerTaskDefinitionTaskRoleDefaultPolicyE6D0F49D: 'AWS::IAM::Policy',
  VastTaskDrain070A1F52: 'Custom::VastTaskDrain',
  VastTaskDrainFunction88486AB3: 'AWS::Lambda::Function',
  // One for each cluster: while it changes, the function acts in the old one.
  VastTaskDrainIn8e1a21ebe08BBE7D15: 'AWS::IAM::Policy',
  VastTaskDrainLogGroup5D1ED706: 'AWS::Logs::LogGroup',
  VastTaskDrainRole270B5750: 'AWS::IAM::Role',
  VastTaskDrainRoleDefaultPolicy7FF0282E: 'AWS::IAM::Policy',
};

/** The rules between client, one-off tasks, server and file system have ids in which the stack's name is hashed. */
const RULES_BETWEEN_GROUPS = {
  VastClientSecurityGrouptoStackVastServerSecurityGroup0AC56409515858751CFC: 'AWS::EC2::SecurityGroupEgress',
  VastServerSecurityGroupfromStackVastClientSecurityGroup246E5C275158C6DDB7A9: 'AWS::EC2::SecurityGroupIngress',
  VastExtraTaskSecurityGrouptoStackVastServerSecurityGroup0AC5640951580A9C9216: 'AWS::EC2::SecurityGroupEgress',
  VastServerSecurityGroupfromStackVastExtraTaskSecurityGroupF65C73155158CE0B1A8D: 'AWS::EC2::SecurityGroupIngress',
  VastFileSystemSecurityGroupfromStackVastServerSecurityGroup0AC5640920495E8D9B89: 'AWS::EC2::SecurityGroupIngress',
  VastServerSecurityGrouptoStackVastFileSystemSecurityGroupF2A2EC2A2049984ACC0F: 'AWS::EC2::SecurityGroupEgress',
};

describe('logical ids', () => {
  test('of the default deployment are these', () => {
    expect(typesById(new SynthesizedDeployment())).toEqual({ ...LOGICAL_IDS, ...RULES_BETWEEN_GROUPS });
  });

  test('do not depend on what else is asked for', () => {
    const stack = stackOfTests({ env: ENV });
    const peeredVpc = ec2.Vpc.fromVpcAttributes(stack, 'Peer', {
      vpcId: 'vpc-059a7ec8',
      availabilityZones: ['eu-central-1a'],
      vpcCidrBlock: '10.0.0.0/16',
      privateSubnetIds: ['subnet-1'],
      privateSubnetRouteTableIds: ['rtb-0aa'],
    });
    expect(typesById(new SynthesizedDeployment({ peeredVpc, flowLogs: {}, cpu: 4096, memoryLimitMiB: 8192, autoStart: false }, stack)))
      .toEqual(expect.objectContaining(LOGICAL_IDS));
  });

  test('of peering are these', () => {
    const stack = stackOfTests({ env: ENV });
    const peeredVpc = ec2.Vpc.fromVpcAttributes(stack, 'Peer', {
      vpcId: 'vpc-059a7ec8',
      availabilityZones: ['eu-central-1a'],
      vpcCidrBlock: '10.0.0.0/16',
      privateSubnetIds: ['subnet-1'],
      privateSubnetRouteTableIds: ['rtb-0aa'],
    });
    const ids = Object.keys(typesById(new SynthesizedDeployment({ peeredVpc }, stack))).filter(id => id.startsWith('VastPeering'));
    expect(ids.map(id => id.slice(0, -8))).toEqual(['VastPeeringConnection', 'VastPeeringRouteToPeer1000016', 'VastPeeringRouteFromPeerrtb0aa']);
  });

  test('of the default deployment keep their meaning when the stack has another name', () => {
    expect(typesById(new SynthesizedDeployment({}, new Stack(rootOfTests(), 'Other')))).toEqual(expect.objectContaining(LOGICAL_IDS));
  });
});

describe('synthesizing twice', () => {
  const peered = (stack: Stack): Partial<VastDeploymentProps> => ({
    peeredVpc: new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16') }),
  });

  test.each<[string, (stack: Stack) => Partial<VastDeploymentProps>]>([
    ['with the defaults', () => ({})],
    ['with a peer', peered],
    ['on the task\'s own disk', () => ({ storage: VastStorage.attached() })],
  ])('%s is the same template, byte for byte', (_name, props) => {
    const texts = [1, 2].map(() => {
      const stack = stackOfTests();
      return new SynthesizedDeployment(props(stack), stack).text;
    });
    expect(texts[0]).toBe(texts[1]);
    expect(texts[0].length).toBeGreaterThan(10_000);
  });
});

/** A flag sorts the actions and resources of policies, which have no order. */
const withoutOrder = (value: unknown) => JSON.parse(JSON.stringify(value, (key, part) => ['Action', 'Resource'].includes(key) && Array.isArray(part)
  ? [...part].sort((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
  : part));

describe('feature flags of the user\'s app', () => {
  const off = Object.fromEntries(Object.entries(RECOMMENDED_FLAGS).filter(([, value]) => value === true).map(([flag]) => [flag, false]));

  // CDK has retired the choice in flags that must not be switched off any more.
  const flags: [string, { [flag: string]: unknown }][] = [['none', {}], ['all that CDK recommends', RECOMMENDED_FLAGS], ['all of them off', off]];

  test('there are flags to choose from', () => {
    expect(Object.keys(off).length).toBeGreaterThan(40);
  });

  test.each(flags)('%s: the same resources under the same ids, and no custom resource of CDK\'s own', (_name, context) => {
    expect(typesById(new SynthesizedDeployment({}, stackOfTests({}, context)))).toEqual({ ...LOGICAL_IDS, ...RULES_BETWEEN_GROUPS });
  });

  test.each(flags)('%s: what matters of the service, the file system and its way in is the same', (_name, context) => {
    const [ours, plain] = [new SynthesizedDeployment({}, stackOfTests({}, context)), new SynthesizedDeployment()];
    for (const type of ['AWS::EFS::FileSystem', 'AWS::EFS::MountTarget', 'AWS::EFS::AccessPoint', 'AWS::ECS::TaskDefinition', 'AWS::EC2::VPC']) {
      expect(Object.keys(ours.all(type)).length).toBeGreaterThan(0);
      expect(withoutOrder(ours.all(type))).toEqual(withoutOrder(plain.all(type)));
    }
    expect(ours.only('AWS::ECS::Service').Properties).toMatchObject({
      AvailabilityZoneRebalancing: 'DISABLED',
      EnableExecuteCommand: true,
      DeploymentConfiguration: { MaximumPercent: 100, MinimumHealthyPercent: 0, DeploymentCircuitBreaker: { Enable: true, Rollback: true } },
    });
    expect(ours.all('AWS::EC2::SecurityGroup')).toEqual(plain.all('AWS::EC2::SecurityGroup'));
    expect(withoutOrder(ours.all('AWS::IAM::Policy'))).toEqual(withoutOrder(plain.all('AWS::IAM::Policy')));
  });
});

describe('where the stack has an environment', () => {
  test.each([['with', ENV], ['without', undefined]])('%s one, the deployment has the same resources', (_name, env) => {
    expect(typesById(new SynthesizedDeployment({}, stackOfTests({ env })))).toEqual({ ...LOGICAL_IDS, ...RULES_BETWEEN_GROUPS });
  });

  test('the template of two deployments in two stacks of one app is the one that each has alone', () => {
    const root = rootOfTests();
    const [first, second] = ['Stack', 'Other'].map(id => new Stack(root, id));
    [first, second].forEach(stack => new VastDeployment(stack, 'Vast', { cidr: '172.31.48.0/24' }));
    expect(Template.fromStack(first).toJSON()).toEqual(new SynthesizedDeployment().template.toJSON());
  });
});
