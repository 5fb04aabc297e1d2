import { aws_ec2 as ec2, aws_logs as logs, aws_s3 as s3 } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { VastEgress } from '../../src';
import { CIDR, ENV, serverAlone, stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const subnetsOf = (synthesized: SynthesizedDeployment) => {
  const named = Object.values(synthesized.all('AWS::EC2::Subnet')).map(({ Properties }) => [
    Properties.Tags.find((tag: { Key: string }) => tag.Key === 'aws-cdk:subnet-name').Value, Properties,
  ]);
  expect(named).toHaveLength(2);
  return Object.fromEntries(named);
};

test('the VPC has exactly the CIDR that was given, and the two subnets are exactly its halves', () => {
  // 128.0.0.0 to 223.255.255.255 without the link-local block, each of whose addresses a machine may have.
  const machine = fc.integer({ min: 2 ** 31, max: 0xdfffffff }).filter(address => Math.floor(address / 2 ** 16) !== 0xa9fe);
  const aligned = fc.tuple(machine, fc.integer({ min: 16, max: 27 }))
    .map(([address, prefix]) => ({ base: Math.floor(address / 2 ** (32 - prefix)) * 2 ** (32 - prefix), prefix }));
  const dotted = (address: number) => [24, 16, 8, 0].map(shift => Math.floor(address / 2 ** shift) % 256).join('.');
  fc.assert(fc.property(aligned, ({ base, prefix }) => {
    const cidr = `${dotted(base)}/${prefix}`;
    const synthesized = serverAlone({ cidr });
    const { Vast, Gateway } = subnetsOf(synthesized);
    expect(synthesized.only('AWS::EC2::VPC').Properties.CidrBlock).toBe(cidr);
    expect(Vast.CidrBlock).toBe(`${dotted(base)}/${prefix + 1}`);
    expect(Gateway.CidrBlock).toBe(`${dotted(base + 2 ** (31 - prefix))}/${prefix + 1}`);
  }), {
    numRuns: 25,
    examples: [[0xac1f3000, 24], [0x01000000, 16], [0xfffe0000, 16], [0x0a0000e0, 27]].map(([base, prefix]) => [{ base, prefix }]),
  });
}, 30_000);

describe('by default', () => {
  const synthesized = serverAlone();
  const { Vast, Gateway } = subnetsOf(synthesized);

  test('no machine gets a public address by itself', () => {
    expect([Vast.MapPublicIpOnLaunch, Gateway.MapPublicIpOnLaunch]).toEqual([false, false]);
  });

  test('both subnets are in the first availability zone', () => {
    const first = { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] };
    expect([Vast.AvailabilityZone, Gateway.AvailabilityZone]).toEqual([first, first]);
  });

  test('the private subnet leaves through one NAT gateway, which stands in the public one', () => {
    const nat = synthesized.only('AWS::EC2::NatGateway');
    expect(nat.Properties.SubnetId).toEqual(synthesized.stack.resolve(synthesized.deployment.gatewaySubnet.subnetId));
    synthesized.template.hasResourceProperties('AWS::EC2::Route', {
      DestinationCidrBlock: '0.0.0.0/0',
      NatGatewayId: { Ref: nat.logicalId },
      RouteTableId: synthesized.stack.resolve(synthesized.deployment.vastSubnet.routeTable.routeTableId),
    });
    synthesized.template.resourceCountIs('AWS::EC2::EIP', 1);
  });

  test('what goes to S3 passes by the NAT gateway, free of charge', () => {
    const endpoint = synthesized.only('AWS::EC2::VPCEndpoint').Properties;
    expect(endpoint.VpcEndpointType).toBe('Gateway');
    expect(endpoint.RouteTableIds).toHaveLength(2);
  });

  test('there are no flow logs, and no custom resource for the default security group', () => {
    synthesized.template.resourceCountIs('AWS::EC2::FlowLog', 0);
    synthesized.template.resourceCountIs('Custom::VpcRestrictDefaultSG', 0);
  });
});

describe('what can be asked of the network', () => {
  test.each([['without', undefined], ['with', ENV]])('an availability zone, in a stack %s an environment', (_name, env) => {
    const { Vast, Gateway } = subnetsOf(serverAlone({ availabilityZone: 'eu-central-1b' }, stackOfTests({ env })));
    expect([Vast.AvailabilityZone, Gateway.AvailabilityZone]).toEqual(['eu-central-1b', 'eu-central-1b']);
  });

  test('an Elastic IP of one\'s own for the NAT gateway, and none is made then', () => {
    const synthesized = serverAlone({ egress: VastEgress.natGateway({ eipAllocationId: 'eipalloc-0123456789abcdef0' }) });
    expect(synthesized.only('AWS::EC2::NatGateway').Properties.AllocationId).toBe('eipalloc-0123456789abcdef0');
    synthesized.template.resourceCountIs('AWS::EC2::EIP', 0);
  });

  test('flow logs, to CloudWatch Logs as CDK does it', () => {
    const synthesized = serverAlone({ flowLogs: {} });
    expect(synthesized.only('AWS::EC2::FlowLog').Properties).toMatchObject({
      ResourceType: 'VPC', TrafficType: 'ALL', ResourceId: { Ref: synthesized.only('AWS::EC2::VPC').logicalId },
    });
  });

  test('flow logs with options of one\'s own', () => {
    const stack = stackOfTests();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'the-flow-logs');
    const synthesized = serverAlone({
      flowLogs: { destination: ec2.FlowLogDestination.toS3(bucket), trafficType: ec2.FlowLogTrafficType.REJECT },
    }, stack);
    synthesized.template.hasResourceProperties('AWS::EC2::FlowLog', {
      LogDestinationType: 's3', TrafficType: 'REJECT', LogDestination: Match.objectLike({ 'Fn::Join': Match.anyValue() }),
    });
  });

  test('flow logs to a group of one\'s own need a role that writes to it alone', () => {
    const stack = stackOfTests();
    const group = new logs.LogGroup(stack, 'Group');
    const synthesized = serverAlone({ flowLogs: { destination: ec2.FlowLogDestination.toCloudWatchLogs(group) } }, stack);
    expect(synthesized.only('AWS::EC2::FlowLog').Properties.LogGroupName).toEqual(stack.resolve(group.logGroupName));
  });
});

test('the half that clients are allowed from is the half that the server stands in', () => {
  const synthesized = serverAlone({ cidr: CIDR });
  const { Vast } = subnetsOf(synthesized);
  synthesized.template.hasResourceProperties('AWS::EC2::SecurityGroup', {
    GroupDescription: 'VAST server',
    SecurityGroupIngress: [Match.objectLike({ CidrIp: Vast.CidrBlock, FromPort: 5158, ToPort: 5158, IpProtocol: 'tcp' })],
  });
});
