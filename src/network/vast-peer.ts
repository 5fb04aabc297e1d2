import { aws_ec2 as ec2, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';

/** What the peered VPC cannot say of itself, for `VastDeploymentProps.peering`. */
export interface VastPeeringOptions {
  /**
   * The account that owns the peered VPC.
   *
   * @default - the account of this stack
   */
  readonly ownerAccount?: string;

  /**
   * The region of the peered VPC, such as `eu-west-1`. What goes between regions costs about 0.02 USD per GB (us-east-1).
   *
   * @default - the region of this stack
   */
  readonly region?: string;

  /**
   * ARN of a role in the peer's account that may accept the connection (`ec2:AcceptVpcPeeringConnection`).
   *
   * Needed where the peer is in another account, and used there only; AWS lets the role accept, not create routes. It is
   * read when the connection is made: to change it, deploy without `peeredVpc` first.
   *
   * @default - the peer is in the same account
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html
   */
  readonly acceptRoleArn?: string;

  /**
   * Route tables of the peer that get a route to this deployment, each once.
   *
   * @default - the route tables of all its subnets
   */
  readonly routeTableIds?: string[];

  /**
   * All the IPv4 CIDRs of the peer, where it has more than one.
   *
   * @default - the primary CIDR of the peered VPC
   */
  readonly cidrs?: string[];
}

/** A CIDR of the peer as the template has it, which may be a token, and the literal behind it where that is known. */
export interface PeerCidr {
  readonly cidr: string;
  readonly literal?: string;
}

/** The peered VPC as far as it is known, with what is missing as sentences. */
export interface VastPeer {
  readonly vpcId: string;
  readonly ownerAccount?: string;
  readonly region?: string;
  readonly acceptRoleArn?: string;
  /** Each destination once. */
  readonly cidrs: PeerCidr[];
  /** The CIDRs as literals where they are known, for the check of overlaps. */
  readonly literalCidrs: string[];
  readonly routeTableIds: string[];
  /** Whether this stack can create the peer's routes: in another account or region it cannot. */
  readonly reachable: boolean;
  readonly problems: string[];
}

/** Reads everything that can be known of a peered VPC at synthesis. */
export function describePeer(scope: Construct, vpc: ec2.IVpc, options: VastPeeringOptions = {}): VastPeer {
  const stack = Stack.of(scope);
  const ownerAccount = differing(options.ownerAccount ?? vpc.env.account, stack.account);
  const region = differing(options.region ?? vpc.env.region, stack.region);
  const reachable = ownerAccount === undefined && region === undefined;
  const problems: string[] = [];

  const cidrs = cidrsOf(vpc, options.cidrs ?? []);
  if (cidrs.length === 0) {
    problems.push('peeredVpc does not know its CIDR: give vpcCidrBlock to Vpc.fromVpcAttributes, or peering.cidrs');
  }

  // An imported subnet without a route table answers with undefined, whatever its type says.
  const subnets = [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets];
  const known = subnets.map(subnet => subnet.routeTable?.routeTableId as string | undefined).filter(id => id !== undefined);
  const routeTableIds = [...new Set(options.routeTableIds ?? known)];
  if (reachable && !options.routeTableIds && known.length < subnets.length) {
    problems.push('peeredVpc has subnets without a route table: give publicSubnetRouteTableIds, '
      + 'privateSubnetRouteTableIds and isolatedSubnetRouteTableIds to Vpc.fromVpcAttributes, or peering.routeTableIds');
  } else if (reachable && routeTableIds.length === 0) {
    problems.push('peeredVpc has no known route table, so nothing in it could reach the server: give peering.routeTableIds');
  }
  if (ownerAccount !== undefined && !options.acceptRoleArn) {
    problems.push(`the peered VPC is in account ${ownerAccount}: give peering.acceptRoleArn, a role there that may accept the connection`);
  }
  return {
    vpcId: vpc.vpcId,
    ownerAccount,
    region,
    acceptRoleArn: options.acceptRoleArn,
    cidrs,
    literalCidrs: [...new Set([ownCidr(vpc), ...cidrs.map(({ literal }) => literal)].filter(cidr => cidr !== undefined))],
    routeTableIds,
    reachable,
    problems,
  };
}

/** The CIDRs that were given, or else the primary one of the VPC; none where it does not know it. */
function cidrsOf(vpc: ec2.IVpc, given: string[]): PeerCidr[] {
  let primary: string | undefined;
  try {
    primary = vpc.vpcCidrBlock;
  } catch {
    // A VPC that was imported without it throws.
  }
  const literalOf = (cidr: string) => !Token.isUnresolved(cidr) ? cidr : cidr === primary ? ownCidr(vpc) : undefined;
  const cidrs = given.length > 0 ? given : primary === undefined ? [] : [primary];
  return [...new Map(cidrs.map(cidr => [literalOf(cidr) ?? cidr, { cidr, literal: literalOf(cidr) }])).values()];
}

/** The CIDR that a VPC of this app is made of; the VPC itself gives away a token. */
function ownCidr(vpc: ec2.IVpc): string | undefined {
  const resource = vpc.node.defaultChild;
  return resource instanceof ec2.CfnVPC && !Token.isUnresolved(resource.cidrBlock) ? resource.cidrBlock : undefined;
}

/** The peer's account or region where it is known to be another than ours. */
function differing(theirs: string | undefined, ours: string): string | undefined {
  if (theirs === undefined || theirs === ours) {
    return undefined;
  }
  // A stack without an environment does not know its own: what the user says of the peer then stands as it is.
  return Token.isUnresolved(theirs) ? undefined : theirs;
}
