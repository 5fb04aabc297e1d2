// What docs/security.md says in words of its own, looked for in the template.
const { ofType, rulesOf, statementsOf } = require('./statements.cjs');

const WAYS_IN = [
  'AWS::ApiGateway::RestApi', 'AWS::ApiGatewayV2::Api', 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::Lambda::Permission', 'AWS::Lambda::Url',
];

/** Everything in which the template is not as the document says; an empty list where it is. */
function untrueClaims(resources) {
  const found = [];
  const check = (type, isRight, what) => ofType(resources, type).filter(([, { Properties }]) => !isRight(Properties))
    .forEach(([id]) => found.push(`${id} ${what}`));

  for (const { path, direction, peer } of rulesOf(resources)) {
    if (direction === 'in' && peer === 'anywhere') found.push(`${path} lets the world in`);
  }
  for (const { path, effect, principal } of statementsOf(resources)) {
    if (effect === 'Allow' && principal?.split(', ').includes('*')) found.push(`${path} allows everybody something`);
  }
  check('AWS::ECS::Service', p => p.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp === 'DISABLED', 'gets public addresses');
  check('AWS::EC2::Subnet', p => p.MapPublicIpOnLaunch === false, 'gives public addresses');
  check('AWS::S3::Bucket', p => Object.values(p.PublicAccessBlockConfiguration ?? {}).filter(Boolean).length === 4, 'is not closed to the public');
  WAYS_IN.forEach(type => check(type, () => false, 'is a way in'));

  check('AWS::EFS::FileSystem', p => p.Encrypted === true, 'is not encrypted');
  check('AWS::S3::Bucket', p => p.BucketEncryption !== undefined, 'is not encrypted');
  check('AWS::SQS::Queue', p => p.SqsManagedSseEnabled === true, 'is not encrypted');
  check('AWS::ECS::TaskDefinition', p => (p.Volumes ?? []).every(({ EFSVolumeConfiguration: efs }) => efs.TransitEncryption === 'ENABLED'), 'mounts without TLS');

  Object.entries(resources).filter(([, { Type }]) => /^Custom::|::CustomResource$/.test(Type) && Type !== 'Custom::VastTaskDrain')
    .forEach(([id]) => found.push(`${id} is another custom resource`));
  return found;
}

module.exports = { untrueClaims };
