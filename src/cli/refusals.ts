/** The variables by the properties of the construct that they set. */
const VARIABLES: { readonly [property: string]: string } = {
  availabilityZone: 'VAST_AVAILABILITY_ZONE',
  cidr: 'VAST_CIDR',
  namespaceName: 'VAST_NAMESPACE',
};

/** Errors of the constructs about a peered VPC that advise a property which no variable sets. */
const PEER: [theirs: RegExp, ours: string][] = [
  [/peeredVpc has (no known route table|subnets without a route table).*/g, 'VAST_PEERED_VPC_ID names a VPC that has no subnet with a route table, '
    + 'so nothing in it could reach the server: set it to one that has, or to none'],
  [/the peered VPC is in account (\d+):.*/g, 'VAST_PEERED_VPC_ID names a VPC of the account $1, which has to accept the connection: '
    + 'set it to a VPC of this account, or to none, or write a CDK app with VastDeployment and its peering.acceptRoleArn'],
];

/** A refusal of the constructs in the words of who has set variables, and no properties. */
export function inVariables(refusal: string): string {
  const [heading, ...problems] = refusal.split('\n  - ');
  const said = problems.length > 0 ? ['the settings are not right yet:', ...problems] : [heading.replace(/^[\w/-]+: /, '')];
  return said.map(problem => PEER.reduce((text, [theirs, ours]) => text.replace(theirs, ours), problem)
    .replace(/\b(\w+) '/g, (text, property: string) => property in VARIABLES ? `${VARIABLES[property]}='` : text)).join('\n  - ');
}
