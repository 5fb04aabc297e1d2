import type { Vpc } from '@aws-sdk/client-ec2';
import { alignCidr, cidrSize, cidrsOverlap, formatCidr, parseCidr } from '../../cidr/cidr';
import { AwsCallError } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';

/** A VPC, with all its IPv4 blocks. */
export interface FoundVpc {
  readonly vpcId: string;
  readonly name?: string;
  /** Other accounts may share theirs. */
  readonly ownerAccount?: string;
  /** `available`, or `pending`. */
  readonly state: string;
  readonly cidrs: string[];
}

/** The VPC of that id; undefined where this account and region have none. */
export async function findVpc(connection: AwsConnection, vpcId: string): Promise<FoundVpc | undefined> {
  try {
    return await connection.use('ec2', async (client, { DescribeVpcsCommand }) => {
      const { Vpcs = [] } = await client.send(new DescribeVpcsCommand({ VpcIds: [vpcId] }));
      return Vpcs.map(foundVpc)[0];
    });
  } catch (error) {
    if (error instanceof AwsCallError && error.code.startsWith('InvalidVpcID')) {
      return undefined;
    }
    throw error;
  }
}

/** Checks that a VPC has a subnet, and so a route table in use. */
export async function hasSubnets(connection: AwsConnection, vpcId: string): Promise<boolean> {
  return connection.use('ec2', async (client, { DescribeSubnetsCommand }) => {
    const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }));
    return Subnets.length > 0;
  });
}

/** The availability zone of a subnet; undefined where this account and region have no such subnet. */
export async function findSubnetZone(connection: AwsConnection, subnetId: string): Promise<string | undefined> {
  try {
    return await connection.use('ec2', async (client, { DescribeSubnetsCommand }) => {
      const { Subnets = [] } = await client.send(new DescribeSubnetsCommand({ SubnetIds: [subnetId] }));
      return Subnets[0]?.AvailabilityZone;
    });
  } catch (error) {
    if (error instanceof AwsCallError && error.code.startsWith('InvalidSubnetID')) {
      return undefined;
    }
    throw error;
  }
}

/** The availability zones of the region that the account can use. */
export async function listZones(connection: AwsConnection): Promise<string[]> {
  return connection.use('ec2', async (client, { DescribeAvailabilityZonesCommand }) => {
    const { AvailabilityZones = [] } = await client.send(new DescribeAvailabilityZonesCommand({}));
    return AvailabilityZones.flatMap(({ ZoneName, State }) => ZoneName && State !== 'unavailable' ? [ZoneName] : []);
  });
}

/** Every VPC of the region. */
export async function listVpcs(connection: AwsConnection): Promise<FoundVpc[]> {
  return connection.use('ec2', async (client, { paginateDescribeVpcs }) => {
    const found: FoundVpc[] = [];
    for await (const { Vpcs = [] } of paginateDescribeVpcs({ client }, {})) {
      found.push(...Vpcs.map(foundVpc));
    }
    return found;
  });
}

/** Those blocks of a VPC that have an address in common with the given one. */
export function overlapsOf(cidr: string, { cidrs }: FoundVpc): string[] {
  const [ours, ...theirs] = [cidr, ...cidrs].map((text) => {
    const parsed = parseCidr(text);
    return parsed && alignCidr(parsed);
  });
  return cidrs.filter((_, index) => ours && theirs[index] && cidrsOverlap(ours, theirs[index]));
}

function foundVpc({ VpcId = '', OwnerId, State, CidrBlock, CidrBlockAssociationSet = [], Tags = [] }: Vpc): FoundVpc {
  const associated = CidrBlockAssociationSet
    // A block that was taken away, or could not be added, is listed on for a while.
    .filter(({ CidrBlockState }) => /^associat(ed|ing)$/.test(CidrBlockState?.State ?? 'associated'))
    .map(({ CidrBlock: block }) => block);
  return {
    vpcId: VpcId,
    name: Tags.find(({ Key }) => Key === 'Name')?.Value,
    ownerAccount: OwnerId,
    state: State ?? 'pending',
    cidrs: [...new Set([CidrBlock, ...associated])].filter((block): block is string => block !== undefined),
  };
}

/** Where private networks are; the first is the one that the fewest use. Source: RFC 1918. */
const PRIVATE = ['172.16.0.0/12', '10.0.0.0/8', '192.168.0.0/16'];

/** The first private block of that size that none of the VPCs has an address of; undefined where there is none. */
export function freeCidr(prefix: number, vpcs: FoundVpc[]): string | undefined {
  for (const network of PRIVATE.map(text => parseCidr(text)!)) {
    for (let base = network.base; base < network.base + cidrSize(network); base += cidrSize({ base, prefix })) {
      const candidate = formatCidr({ base, prefix });
      if (vpcs.every(vpc => overlapsOf(candidate, vpc).length === 0)) {
        return candidate;
      }
    }
  }
  return undefined;
}
