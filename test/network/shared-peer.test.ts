import { aws_ec2 as ec2, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { VastDeployment, VastDeploymentProps } from '../../src';
import { CIDR, ENV, rootOfTests } from '../synthesized-deployment';

const importedPeer = (stack: Stack, attributes: Partial<ec2.VpcAttributes> = {}) => ec2.Vpc.fromVpcAttributes(stack, 'Peer', {
  vpcId: 'vpc-059a7ec8aac174fc9',
  availabilityZones: ['eu-central-1a'],
  vpcCidrBlock: '10.0.0.0/16',
  privateSubnetIds: ['subnet-1'],
  privateSubnetRouteTableIds: ['rtb-0aa'],
  ...attributes,
});

const peerOfTheApp = (stack: Stack) => new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'), maxAzs: 1 });

const deploy = (stack: Stack, id: string, props: Partial<VastDeploymentProps>) =>
  new VastDeployment(stack, id, { cidr: CIDR, client: { enabled: false }, ...props });

const stacksOf = (root: Stage) => ['First', 'Second'].map(id => new Stack(root, id, { env: ENV }));

const warningsOf = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ id, entry }) => [id, String(entry.data)]);

/** What the synthesis refuses. */
const errorsOf = (root: Stage) => {
  try {
    root.synth();
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').slice(1).map(line => line.trim());
  }
};

describe('overlapping CIDRs of two deployments behind one peer', () => {
  const overlap = (ours: string, theirs: string) => `[Second/Vast] cidr '${ours}' overlaps with '${theirs}' of First/Vast, which is peered with the same VPC: `
    + 'no route table there can reach both; give another range, or route tables of their own (peering.routeTableIds)';

  test.each([[CIDR, CIDR], ['172.31.48.0/23', CIDR], [CIDR, '172.31.48.0/23']])('%s and %s are refused', (theirs, ours) => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    deploy(first, 'Vast', { peeredVpc: importedPeer(first), cidr: theirs });
    deploy(second, 'Vast', { peeredVpc: importedPeer(second), cidr: ours, namespaceName: 'other.internal' });
    expect(errorsOf(root)).toEqual([overlap(ours, theirs)]);
  });

  test('are refused where the peer is a VPC of the same app', () => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    const peeredVpc = peerOfTheApp(first);
    deploy(first, 'Vast', { peeredVpc });
    deploy(second, 'Vast', { peeredVpc });
    expect(errorsOf(root)).toEqual([overlap(CIDR, CIDR)]);
  });

  test('are accepted in different route tables', () => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    deploy(first, 'Vast', { peeredVpc: importedPeer(first), peering: { routeTableIds: ['rtb-0aa'] } });
    deploy(second, 'Vast', { peeredVpc: importedPeer(second), peering: { routeTableIds: ['rtb-0bb'] } });
    expect(errorsOf(root)).toEqual([]);
  });

  test('are refused where the route tables of a peer in another region are not known', () => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    const peering = { region: 'us-east-1' };
    const unknown = { privateSubnetIds: undefined, privateSubnetRouteTableIds: undefined };
    deploy(first, 'Vast', { peeredVpc: importedPeer(first), peering });
    deploy(second, 'Vast', { peeredVpc: importedPeer(second, unknown), peering });
    expect(errorsOf(root)).toEqual([overlap(CIDR, CIDR)]);
  });
});

describe('the same namespace of two deployments behind one peer', () => {
  test.each([[undefined, undefined], ['vast.internal', 'Vast.Internal']])('%j and %j: the later one has a warning', (theirs, ours) => {
    const [first, second] = stacksOf(rootOfTests());
    deploy(first, 'Vast', { peeredVpc: importedPeer(first), namespaceName: theirs });
    deploy(second, 'Vast', { peeredVpc: importedPeer(second), namespaceName: ours, cidr: '172.31.49.0/24' });
    expect(warningsOf(first)).toEqual([]);
    expect(warningsOf(second)).toEqual([['/Second/Vast',
      `the namespace '${ours ?? 'vast.internal'}' of Second/Vast is also that of First/Vast, which is peered with the same VPC: `
      + 'a VPC resolves only one of several namespaces of the same name; give one of them another namespaceName [ack: cdk-vast:sharedNamespace]']]);
  });
});

describe('is accepted without a warning', () => {
  const accepted = (root: Stage, second: Stack) => {
    expect(errorsOf(root)).toEqual([]);
    expect(warningsOf(second)).toEqual([]);
  };

  test('what differs', () => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    deploy(first, 'Vast', { peeredVpc: importedPeer(first) });
    deploy(second, 'Other', { peeredVpc: importedPeer(second), cidr: '172.31.49.0/24' });
    accepted(root, second);
  });

  test('the same behind two peers', () => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    deploy(first, 'Vast', { peeredVpc: importedPeer(first) });
    deploy(second, 'Vast', { peeredVpc: importedPeer(second, { vpcId: 'vpc-0123456789abcdef0' }) });
    accepted(root, second);
  });

  test('the same in two stages, which are deployed each by itself', () => {
    const root = rootOfTests();
    const [beta, prod] = ['Beta', 'Prod'].map(id => new Stack(new Stage(root, id), 'Stack', { env: ENV }));
    deploy(beta, 'Vast', { peeredVpc: importedPeer(beta) });
    deploy(prod, 'Vast', { peeredVpc: importedPeer(prod) });
    const outside = new Stack(root, 'Outside', { env: ENV });
    deploy(outside, 'Vast', { peeredVpc: importedPeer(outside) });
    expect(errorsOf(root)).toEqual([]);
    expect([beta, prod, outside].flatMap(warningsOf)).toEqual([]);
  });

  test('the same behind two peers that are being looked up, and have the same dummy', () => {
    const root = rootOfTests();
    const [first, second] = stacksOf(root);
    deploy(first, 'Vast', { peeredVpc: ec2.Vpc.fromLookup(first, 'Peer', { vpcId: 'vpc-059a7ec8aac174fc9' }) });
    deploy(second, 'Vast', { peeredVpc: ec2.Vpc.fromLookup(second, 'Peer', { vpcId: 'vpc-0123456789abcdef0' }) });
    accepted(root, second);
  });
});
