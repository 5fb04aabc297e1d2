import { ok, Seen, warning, wrong } from './finding';
import { parseCidr } from '../../cidr/cidr';
import { FoundVpc, freeCidr, overlapsOf } from '../../runtime/doctor/vpcs';
import { Settings } from '../settings';

/** What of the region a new VPC with this CIDR would be in the way of. */
export function seeCidr(
  { cidr, peeredVpcId, region }: Pick<Settings, 'cidr' | 'peeredVpcId' | 'region'>, vpcs: FoundVpc[], ownVpcIds: (string | undefined)[],
): Seen[] {
  const others = vpcs.filter(({ vpcId }) => !ownVpcIds.includes(vpcId));
  const overlapping = others.map(vpc => ({ vpc, blocks: overlapsOf(cidr, vpc) })).filter(({ blocks }) => blocks.length > 0);
  if (overlapping.length === 0) {
    return [ok(`${cidr} overlaps with none of the ${others.length} other VPCs of ${region}`)];
  }
  const free = freeCidr(parseCidr(cidr)?.prefix ?? 24, others);
  const advice = free ? `; free is, for example, VAST_CIDR=${free}` : '';
  const named = ({ vpc, blocks }: typeof overlapping[number]) => `${vpc.vpcId} (${[vpc.name, ...blocks].filter(Boolean).join(', ')})`;
  const peer = overlapping.filter(({ vpc }) => vpc.vpcId === peeredVpcId);
  const rest = overlapping.filter(({ vpc }) => vpc.vpcId !== peeredVpcId);
  return [
    ...peer.map(one => wrong(`${cidr} overlaps with the peered VPC ${named(one)}: AWS refuses to peer them${advice}`)),
    ...rest.length > 0
      ? [warning(`${cidr} overlaps with ${rest.map(named).join(', ')}: the deployment could never be peered with ${rest.length > 1 ? 'those' : 'that'}${advice}`)]
      : [],
  ];
}
