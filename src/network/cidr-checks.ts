import { Token } from 'aws-cdk-lib';
import { alignCidr, Cidr, cidrsOverlap, formatCidr, parseCidr } from '../cidr/cidr';

/** AWS: a VPC has a /16 at most. */
const SHORTEST_PREFIX = 16;

/** AWS: a subnet has a /28 at least, and we make two. */
const LONGEST_PREFIX = 27;

/** Blocks whose addresses no machine can have. Source: IANA's registry of special-purpose IPv4 addresses. */
const NOT_FOR_MACHINES = ['0.0.0.0/8', '127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'];

/**
 * What is wrong with the CIDR that a deployment was given; nothing where it is right.
 *
 * CDK must not see a wrong one: it rounds host bits up to the next block without a word.
 */
export function cidrProblems(cidr: string, peerCidrs: string[] = []): string[] {
  if (Token.isUnresolved(cidr)) {
    return ['cidr is a token: the subnets are computed at synthesis, so it has to be a literal such as \'172.31.48.0/24\''];
  }
  const parsed = parseCidr(cidr);
  if (!parsed) {
    return [`cidr '${cidr}' is not an IPv4 CIDR: give one such as '172.31.48.0/24'`];
  }
  const aligned = alignCidr(parsed);
  if (parsed.prefix < SHORTEST_PREFIX) {
    return [`cidr '${cidr}' is larger than a VPC can be: give a /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`];
  }
  if (parsed.prefix > LONGEST_PREFIX) {
    return [`cidr '${cidr}' is too small for two subnets: give a /${SHORTEST_PREFIX} to /${LONGEST_PREFIX}`];
  }
  if (aligned.base !== parsed.base) {
    return [`cidr '${cidr}' has host bits set: did you mean '${formatCidr(aligned)}'?`];
  }
  const special = NOT_FOR_MACHINES.find(block => overlaps(aligned, block));
  if (special) {
    return [`cidr '${cidr}' overlaps with '${special}', whose addresses no machine can have: give one such as '172.31.48.0/24'`];
  }
  return peerCidrs.filter(peer => overlaps(aligned, peer)).map(peer =>
    `cidr '${cidr}' overlaps with '${peer}' of the peered VPC: AWS refuses to peer them; give a range that the peer does not use`);
}

/** What a peer says of itself may be a token, or the dummy of a first lookup pass: then nothing is known. */
function overlaps(ours: Cidr, peer: string): boolean {
  const theirs = Token.isUnresolved(peer) ? undefined : parseCidr(peer);
  return theirs !== undefined && alignCidr(theirs).base === theirs.base && cidrsOverlap(ours, theirs);
}
