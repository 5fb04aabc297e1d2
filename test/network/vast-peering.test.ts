import { aws_ec2 as ec2, Lazy, Stack, Stage, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { VastDeploymentProps } from '../../src';
import { CIDR, ENV, refusalOf, rootOfTests, stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';
import { Deployed, literal } from '../template-values';

const PEER = {
  vpcId: 'vpc-059a7ec8aac174fc9',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  vpcCidrBlock: '10.0.0.0/16',
  privateSubnetIds: ['subnet-1', 'subnet-2'],
  privateSubnetRouteTableIds: ['rtb-0aa', 'rtb-0bb'],
};

const importedPeer = (stack: Stack, attributes: Partial<ec2.VpcAttributes> = {}) =>
  ec2.Vpc.fromVpcAttributes(stack, 'Peer', { ...PEER, ...attributes });

const peered = (attributes: Partial<ec2.VpcAttributes> = {}, props: Partial<VastDeploymentProps> = {}, stack = stackOfTests({ env: ENV })) =>
  new SynthesizedDeployment({ peeredVpc: importedPeer(stack, attributes), ...props }, stack);

/** The routes through the peering connection: route table → destination. */
const peeringRoutes = (synthesized: SynthesizedDeployment) => Object.values(synthesized.all('AWS::EC2::Route'))
  .filter(({ Properties }) => Properties.VpcPeeringConnectionId)
  .map(({ Properties }) => {
    expect(Properties.VpcPeeringConnectionId).toEqual({ Ref: synthesized.only('AWS::EC2::VPCPeeringConnection').logicalId });
    return [typeof Properties.RouteTableId === 'string' ? Properties.RouteTableId : 'ours', Properties.DestinationCidrBlock];
  });

describe('a peer in the same account and region', () => {
  test('gets a connection, a route to us in each of its tables, and ours has one to it', () => {
    const synthesized = peered();
    expect(synthesized.only('AWS::EC2::VPCPeeringConnection').Properties).toEqual({
      PeerVpcId: 'vpc-059a7ec8aac174fc9', VpcId: { Ref: synthesized.only('AWS::EC2::VPC').logicalId },
    });
    expect(peeringRoutes(synthesized)).toEqual([['ours', '10.0.0.0/16'], ['rtb-0aa', CIDR], ['rtb-0bb', CIDR]]);
    expect(synthesized.warnings).toEqual([]);
    expect(Object.keys(synthesized.template.findOutputs('*'))).toHaveLength(1);
  });

  test('our side of it is the route table of the Vast subnet', () => {
    const synthesized = peered();
    const route = Object.values(synthesized.all('AWS::EC2::Route')).find(({ Properties }) => Properties.DestinationCidrBlock === '10.0.0.0/16')!;
    expect(route.Properties.RouteTableId).toEqual(synthesized.stack.resolve(synthesized.deployment.vastSubnet.routeTable.routeTableId));
  });

  test('several subnets that share a route table get one route', () => {
    const synthesized = peered({
      publicSubnetIds: ['subnet-3', 'subnet-4'],
      publicSubnetRouteTableIds: ['rtb-0cc', 'rtb-0cc'],
      privateSubnetRouteTableIds: ['rtb-0aa', 'rtb-0aa'],
      isolatedSubnetIds: ['subnet-5', 'subnet-6'],
      isolatedSubnetRouteTableIds: ['rtb-0aa', 'rtb-0dd'],
    });
    expect(peeringRoutes(synthesized).map(([table]) => table)).toEqual(['ours', 'rtb-0cc', 'rtb-0aa', 'rtb-0dd']);
  });

  test('the route tables can be chosen, and one that is named twice is taken once', () => {
    const synthesized = peered({}, { peering: { routeTableIds: ['rtb-0bb', 'rtb-0bb'] } });
    expect(peeringRoutes(synthesized)).toEqual([['ours', '10.0.0.0/16'], ['rtb-0bb', CIDR]]);
  });

  test('routes keep their logical ids when a lookup lists the tables in another order', () => {
    const idsByTable = (tables: string[]) => Object.fromEntries(
      Object.entries(peered({ privateSubnetRouteTableIds: tables }).all('AWS::EC2::Route'))
        .map(([id, { Properties }]) => [JSON.stringify(Properties.RouteTableId) + Properties.DestinationCidrBlock, id]));
    expect(idsByTable(['rtb-0aa', 'rtb-0bb'])).toEqual(idsByTable(['rtb-0bb', 'rtb-0aa']));
  });

  /** Which logical id the route of each table and destination has. */
  const routeIds = (synthesized: SynthesizedDeployment) => Object.fromEntries(Object.entries(synthesized.all('AWS::EC2::Route'))
    .filter(([, { Properties }]) => Properties.VpcPeeringConnectionId)
    .map(([id, { Properties }]) => [JSON.stringify([Properties.RouteTableId, Properties.DestinationCidrBlock]), id]));

  test('routes keep their logical ids when the peer of the same app gains a zone', () => {
    const withZones = (maxAzs: number) => {
      const stack = stackOfTests({ env: ENV });
      stack.node.setContext('availability-zones:account=111111111111:region=eu-central-1', ['eu-central-1a', 'eu-central-1b', 'eu-central-1c']);
      return routeIds(new SynthesizedDeployment({
        peeredVpc: new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'), maxAzs, natGateways: 1 }),
      }, stack));
    };
    const [before, after] = [withZones(2), withZones(3)];
    expect(Object.keys(before)).toHaveLength(5);
    expect(Object.keys(after)).toHaveLength(7);
    expect(after).toMatchObject(before);
  });

  test.each<[string, string[], string[]]>([
    ['a new first element', ['10.0.0.0/16'], ['10.1.0.0/16', '10.0.0.0/16']],
    ['another order', ['10.0.0.0/16', '10.1.0.0/16'], ['10.1.0.0/16', '10.0.0.0/16']],
    ['one named twice', ['10.0.0.0/16'], ['10.0.0.0/16', '10.0.0.0/16']],
  ])('routes keep their logical ids when peering.cidrs gets %s', (_name, earlier, later) => {
    const [before, after] = [earlier, later].map(cidrs => routeIds(peered({}, { peering: { cidrs } })));
    expect(after).toMatchObject(before);
    expect(new Set(Object.values(after)).size).toBe(Object.keys(after).length);
  });

  test('a route keeps its logical id when the CIDR of a VPC of this app is also given as a literal', () => {
    const given = (cidrs?: string[]) => {
      const stack = stackOfTests({ env: ENV });
      const peeredVpc = new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'), maxAzs: 1 });
      return Object.values(routeIds(new SynthesizedDeployment({ peeredVpc, peering: { cidrs } }, stack))).filter(id => id.includes('RouteToPeer'));
    };
    expect(given(['10.1.0.0/16', '10.0.0.0/16'])).toEqual(expect.arrayContaining(given()));
  });

  test('each of several CIDRs of the peer gets a route on our side', () => {
    const synthesized = peered({}, { peering: { cidrs: ['10.0.0.0/16', '10.1.0.0/16'] } });
    expect(peeringRoutes(synthesized).filter(([table]) => table === 'ours')).toEqual([['ours', '10.0.0.0/16'], ['ours', '10.1.0.0/16']]);
  });

  test('it gets routes, but no access: the server still answers to the Vast subnet alone', () => {
    const ingress = Object.values(peered().all('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []);
    expect(ingress.map(rule => rule.CidrIp)).toEqual(['172.31.48.0/25']);
  });
});

describe('what the peer cannot say of itself', () => {
  test('a VPC that was imported without its CIDR is refused with the names of what is missing', () => {
    const stack = stackOfTests({ env: ENV });
    expect(refusalOf({ peeredVpc: importedPeer(stack, { vpcCidrBlock: undefined }) }, stack)).toBe(
      'Stack/Vast: peeredVpc does not know its CIDR: give vpcCidrBlock to Vpc.fromVpcAttributes, or peering.cidrs');
  });

  test('its CIDR may come from peering.cidrs instead', () => {
    const synthesized = peered({ vpcCidrBlock: undefined }, { peering: { cidrs: ['10.9.0.0/16'] } });
    expect(peeringRoutes(synthesized)[0]).toEqual(['ours', '10.9.0.0/16']);
  });

  test('subnets that were imported without route tables are refused with the names of what is missing', () => {
    const stack = stackOfTests({ env: ENV });
    const refusal = refusalOf({ peeredVpc: importedPeer(stack, { privateSubnetRouteTableIds: undefined }) }, stack);
    for (const name of ['publicSubnetRouteTableIds', 'privateSubnetRouteTableIds', 'isolatedSubnetRouteTableIds', 'peering.routeTableIds']) {
      expect(refusal).toContain(name);
    }
  });

  test('a VPC without any subnet is refused, because nothing in it could answer', () => {
    const stack = stackOfTests({ env: ENV });
    expect(refusalOf({ peeredVpc: importedPeer(stack, { privateSubnetIds: undefined, privateSubnetRouteTableIds: undefined }) }, stack))
      .toContain('give peering.routeTableIds');
  });

  test('route tables that are missing may come from peering.routeTableIds instead', () => {
    const synthesized = peered({ privateSubnetRouteTableIds: undefined }, { peering: { routeTableIds: ['rtb-0ee'] } });
    expect(peeringRoutes(synthesized)).toEqual([['ours', '10.0.0.0/16'], ['rtb-0ee', CIDR]]);
  });

  test('options of a peer that is not there are refused', () => {
    expect(refusalOf({ peering: { cidrs: ['10.0.0.0/16'] } })).toContain('peering describes a peeredVpc, which is missing');
  });
});

describe('overlapping CIDRs', () => {
  test.each([
    ['of an imported VPC', (stack: Stack) => ({ peeredVpc: importedPeer(stack, { vpcCidrBlock: '172.31.0.0/16' }) }), '172.31.0.0/16'],
    ['in peering.cidrs', (stack: Stack) => ({ peeredVpc: importedPeer(stack), peering: { cidrs: ['10.0.0.0/16', '172.31.48.128/25'] } }), '172.31.48.128/25'],
    ['of a VPC of the same app, whose CIDR is a token',
      (stack: Stack) => ({ peeredVpc: new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('172.31.48.0/20') }) }), '172.31.48.0/20'],
    ['of a VPC of the same app, and in peering.cidrs as well', (stack: Stack) => ({
      peeredVpc: new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('172.31.48.0/20') }),
      peering: { cidrs: ['172.31.48.0/20'] },
    }), '172.31.48.0/20'],
  ])('%s are refused', (_name, props, theirs) => {
    const stack = stackOfTests({ env: ENV });
    expect(refusalOf(props(stack), stack)).toBe(
      `Stack/Vast: cidr '${CIDR}' overlaps with '${theirs}' of the peered VPC: AWS refuses to peer them; give a range that the peer does not use`);
  });
});

describe('a peer of which little is known at synthesis', () => {
  test('a VPC of the same stack: its routes refer to its route tables, each once', () => {
    const stack = stackOfTests();
    const peer = new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'), natGateways: 1 });
    const synthesized = new SynthesizedDeployment({ peeredVpc: peer }, stack);
    const through = Object.values(synthesized.all('AWS::EC2::Route')).filter(({ Properties }) => Properties.VpcPeeringConnectionId);
    const tables = [...peer.publicSubnets, ...peer.privateSubnets].map(subnet => stack.resolve(subnet.routeTable.routeTableId));
    expect(through.filter(({ Properties }) => Properties.DestinationCidrBlock === CIDR).map(({ Properties }) => Properties.RouteTableId))
      .toEqual(tables);
    expect(through.filter(({ Properties }) => Properties.DestinationCidrBlock !== CIDR).map(({ Properties }) => Properties.DestinationCidrBlock))
      .toEqual([stack.resolve(peer.vpcCidrBlock)]);
    expect(synthesized.warnings).toEqual([]);
  });

  test('a VPC of another stack of the app is referred to across the stacks', () => {
    const root = rootOfTests();
    const peer = new ec2.Vpc(new Stack(root, 'Other'), 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'), maxAzs: 1 });
    const stack = new Stack(root, 'Stack');
    const synthesized = new SynthesizedDeployment({ peeredVpc: peer }, stack);
    const imports = JSON.stringify(synthesized.only('AWS::EC2::VPCPeeringConnection').Properties.PeerVpcId);
    expect(imports).toContain('Fn::ImportValue');
  });

  test('a lookup: its first pass answers with a dummy, and neither that pass nor the one with the answer is refused', () => {
    const lookUp = (context: { [key: string]: unknown }, cidr: string) => {
      const stack = stackOfTests({ env: ENV }, context);
      return new SynthesizedDeployment({ cidr, peeredVpc: ec2.Vpc.fromLookup(stack, 'Peer', { vpcId: 'vpc-059a7ec8aac174fc9' }) }, stack);
    };
    // The dummy says 1.2.3.4/5 of itself, which contains 1.2.0.0/16.
    const first = lookUp({}, '1.2.0.0/16');
    expect(first.only('AWS::EC2::VPCPeeringConnection').Properties.PeerVpcId).toBe('vpc-12345');
    expect(first.warnings).toEqual([]);

    const [{ key }] = Stage.of(first.stack)!.synth().manifest.missing!;
    const second = lookUp({
      [key]: {
        vpcId: 'vpc-059a7ec8aac174fc9',
        vpcCidrBlock: '10.0.0.0/16',
        ownerAccountId: ENV.account,
        availabilityZones: [],
        subnetGroups: [{
          name: 'Private',
          type: 'Private',
          subnets: [{ subnetId: 'subnet-1', cidr: '10.0.0.0/24', availabilityZone: 'eu-central-1a', routeTableId: 'rtb-0aa' }],
        }],
      },
    }, CIDR);
    expect(peeringRoutes(second)).toEqual([['ours', '10.0.0.0/16'], ['rtb-0aa', CIDR]]);
  });

  test('tokens for its id, CIDR and route tables pass through', () => {
    const stack = stackOfTests();
    const synthesized = peered({
      vpcId: Token.asString({ Ref: 'PeerId' }),
      vpcCidrBlock: Lazy.string({ produce: () => '172.31.0.0/16' }),
      availabilityZones: ['eu-central-1a'],
      privateSubnetIds: ['subnet-1'],
      privateSubnetRouteTableIds: [Token.asString({ Ref: 'PeerTable' })],
    }, {}, stack);
    expect(synthesized.only('AWS::EC2::VPCPeeringConnection').Properties.PeerVpcId).toEqual({ Ref: 'PeerId' });
    const routes = Object.values(synthesized.all('AWS::EC2::Route')).filter(({ Properties }) => Properties.VpcPeeringConnectionId);
    expect(routes.map(({ Properties }) => Properties.DestinationCidrBlock)).toEqual(['172.31.0.0/16', CIDR]);
    expect(routes[1].Properties.RouteTableId).toEqual({ Ref: 'PeerTable' });
  });
});

describe('a peer in another account or region', () => {
  const elsewhere = {
    ownerAccount: '222222222222', region: 'us-east-1', acceptRoleArn: 'arn:aws:iam::222222222222:role/accept',
  };

  test('another account: the connection names it and the role that accepts', () => {
    const { ownerAccount, acceptRoleArn } = elsewhere;
    expect(peered({}, { peering: { ownerAccount, acceptRoleArn } }).only('AWS::EC2::VPCPeeringConnection').Properties).toMatchObject({
      PeerOwnerId: '222222222222', PeerRoleArn: 'arn:aws:iam::222222222222:role/accept',
    });
  });

  test('another account without a role that accepts is refused', () => {
    const stack = stackOfTests({ env: ENV });
    expect(refusalOf({ peeredVpc: importedPeer(stack), peering: { ownerAccount: '222222222222' } }, stack))
      .toContain('the peered VPC is in account 222222222222: give peering.acceptRoleArn');
  });

  test('another region: the connection names it, and a role is neither needed nor passed on', () => {
    const { region, acceptRoleArn } = elsewhere;
    const properties = peered({}, { peering: { region, acceptRoleArn } }).only('AWS::EC2::VPCPeeringConnection').Properties;
    expect(properties.PeerRegion).toBe('us-east-1');
    expect(properties).not.toHaveProperty('PeerRoleArn');
    expect(properties).not.toHaveProperty('PeerOwnerId');
  });

  test('the same account and region, spelled out, is not elsewhere', () => {
    const synthesized = peered({}, { peering: { ownerAccount: ENV.account, region: ENV.region } });
    expect(Object.keys(synthesized.only('AWS::EC2::VPCPeeringConnection').Properties)).toEqual(['PeerVpcId', 'VpcId']);
    expect(peeringRoutes(synthesized)).toHaveLength(3);
  });

  test('a stack without an environment takes the peer to be where the user says', () => {
    const synthesized = peered({}, { peering: elsewhere }, stackOfTests());
    expect(synthesized.only('AWS::EC2::VPCPeeringConnection').Properties).toMatchObject({ PeerOwnerId: '222222222222', PeerRegion: 'us-east-1' });
  });

  test('the peer gets no routes from this stack, our side does, and a warning with its id says so', () => {
    const synthesized = peered({}, { peering: elsewhere });
    expect(peeringRoutes(synthesized)).toEqual([['ours', '10.0.0.0/16']]);
    expect(synthesized.warnings).toEqual([expect.stringMatching(
      /in account 222222222222, region us-east-1: .*'Stack\/Vast\/Peering\/MissingRoutes'.*\[ack: cdk-vast:peerRoutesMissing\]$/)]);
  });

  test('the missing routes are put out as commands that are ready to run', () => {
    const synthesized = peered({}, { peering: elsewhere });
    const [output] = Object.values(synthesized.template.findOutputs('*')).filter(({ Description }) => /credentials of the peer/.test(Description));
    const deployed = new Deployed({ [synthesized.only('AWS::EC2::VPCPeeringConnection').logicalId]: { Ref: 'pcx-0123' } });
    const command = (table: string) =>
      `aws ec2 create-route --region us-east-1 --route-table-id ${table} --destination-cidr-block ${CIDR} --vpc-peering-connection-id pcx-0123`;
    expect(literal(deployed, output.Value)).toBe(`${command('rtb-0aa')} && ${command('rtb-0bb')}`);
  });

  test('the command has a placeholder where the route tables are not known, which is then no reason to refuse', () => {
    const synthesized = peered({ privateSubnetRouteTableIds: undefined }, { peering: { region: 'us-east-1' } });
    expect(JSON.stringify(Template.fromStack(synthesized.stack).findOutputs('*'))).toContain('ROUTE_TABLE_ID');
  });
});
