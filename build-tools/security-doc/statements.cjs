// The statements and rules of a template, as the document has them.
const { arnOf, conditionOf, nameOf, pathOf } = require('./words.cjs');

const ofType = (resources, ...types) => Object.entries(resources).filter(([, { Type }]) => types.includes(Type));

/** The policies that stand at a thing instead of at a role. */
const AT_THINGS = {
  'AWS::EFS::FileSystem': ({ FileSystemPolicy }) => FileSystemPolicy,
  'AWS::KMS::Key': ({ KeyPolicy }) => KeyPolicy,
  'AWS::Lambda::Permission': () => { throw new Error('a function that others may call by a permission of its own is not described'); },
  'AWS::S3::BucketPolicy': ({ PolicyDocument }) => PolicyDocument,
  'AWS::SQS::QueuePolicy': ({ PolicyDocument }) => PolicyDocument,
};

/** Every statement of a template: of which role or thing it is, and what it says. */
function statementsOf(resources) {
  const statements = [];
  const add = (path, document) => document?.Statement.forEach(statement => statements.push({ path, ...said(statement, resources) }));
  for (const [id, { Properties }] of ofType(resources, 'AWS::IAM::Role')) {
    if (Properties.ManagedPolicyArns || Properties.Policies) throw new Error(`${id} has policies of a kind that is not described`);
  }
  for (const [, { Properties }] of ofType(resources, 'AWS::IAM::Policy')) {
    for (const { Ref } of Properties.Roles) add(pathOf(Ref, resources[Ref]), Properties.PolicyDocument);
  }
  for (const [type, policyOf] of Object.entries(AT_THINGS)) {
    for (const [id, resource] of ofType(resources, type)) add(pathOf(id, resource).replace(/\/Policy$/, ''), policyOf(resource.Properties));
  }
  return statements;
}

function said({ Effect, Action, Resource, Condition, Principal }, resources) {
  return {
    effect: Effect,
    actions: [Action].flat().sort(),
    resources: [Resource ?? []].flat().map(one => arnOf(one, resources)),
    condition: conditionOf(Condition, resources),
    principal: Principal === undefined ? undefined : [Object.values(Principal)].flat(2).map(one => arnOf(one, resources)).join(', '),
  };
}

/** Who may take on each role. */
function rolesOf(resources) {
  return Object.fromEntries(ofType(resources, 'AWS::IAM::Role').map(([id, resource]) => [
    pathOf(id, resource),
    resource.Properties.AssumeRolePolicyDocument.Statement.flatMap(({ Principal }) => Object.values(Principal)).flat()
      .map(one => arnOf(one, resources)).join(', '),
  ]));
}

/** Every rule of a security group, one for each direction and peer. */
function rulesOf(resources) {
  const rules = [];
  const add = (groupId, direction, rule) => rules.push({
    path: pathOf(groupId, resources[groupId]), direction, port: portOf(rule), peer: peerOf(rule, resources), description: rule.Description,
  });
  const groupOf = ({ GroupId }) => GroupId['Fn::GetAtt'][0];
  for (const [id, { Properties }] of ofType(resources, 'AWS::EC2::SecurityGroup')) {
    (Properties.SecurityGroupIngress ?? []).forEach(rule => add(id, 'in', rule));
    (Properties.SecurityGroupEgress ?? []).forEach(rule => add(id, 'out', rule));
  }
  ofType(resources, 'AWS::EC2::SecurityGroupIngress').forEach(([, { Properties }]) => add(groupOf(Properties), 'in', Properties));
  ofType(resources, 'AWS::EC2::SecurityGroupEgress').forEach(([, { Properties }]) => add(groupOf(Properties), 'out', Properties));
  // A group without any rule out may send everything, so CDK writes one that nothing can match.
  return rules.filter(({ description }) => description !== 'Disallow all traffic');
}

function portOf({ IpProtocol, FromPort, ToPort }) {
  if (FromPort === undefined) return IpProtocol === '-1' ? 'everything' : IpProtocol;
  return `${IpProtocol.toUpperCase()} ${FromPort === ToPort ? FromPort : `${FromPort}–${ToPort}`}`;
}

function peerOf(rule, resources) {
  const group = (rule.SourceSecurityGroupId ?? rule.DestinationSecurityGroupId)?.['Fn::GetAtt'][0];
  if (group) return `the ${nameOf(pathOf(group, resources[group]))}`;
  const cidr = rule.CidrIp ?? rule.CidrIpv6;
  if (cidr === '0.0.0.0/0' || cidr === '::/0') return 'anywhere';
  const subnet = ofType(resources, 'AWS::EC2::Subnet').find(([, { Properties }]) => Properties.CidrBlock === cidr);
  return subnet ? `the ${nameOf(pathOf(...subnet))}` : cidr;
}

module.exports = { ofType, rolesOf, rulesOf, statementsOf };
