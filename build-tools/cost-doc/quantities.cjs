// How much of what is paid for a template asks for.

/** Types that cost nothing while nothing passes through them, or nothing at all. */
const FREE = new Set([
  'AWS::EC2::EIP', // paid for as an address, below
  'AWS::EC2::InternetGateway', 'AWS::EC2::Route', 'AWS::EC2::RouteTable', 'AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress', 'AWS::EC2::Subnet', 'AWS::EC2::SubnetRouteTableAssociation', 'AWS::EC2::VPC', 'AWS::EC2::VPCGatewayAttachment',
  'AWS::ECS::Cluster', 'AWS::ECS::Service', 'AWS::EFS::AccessPoint', 'AWS::EFS::MountTarget', 'AWS::IAM::Policy', 'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig', 'AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::ServiceDiscovery::Service',
]);

/** Types that are paid for by use alone. */
const BY_USE = new Set(['AWS::Lambda::Function', 'AWS::Logs::LogGroup', 'AWS::S3::Bucket', 'AWS::SQS::Queue', 'Custom::VastTaskDrain']);

/** Types that are counted below. */
const COUNTED = new Set([
  'AWS::EC2::NatGateway', 'AWS::EC2::VPCEndpoint', 'AWS::ECS::TaskDefinition', 'AWS::EFS::FileSystem', 'AWS::ServiceDiscovery::PrivateDnsNamespace',
]);

/** Fails where the template has a resource of which it is not known whether it costs anything. */
function quantitiesOf(resources) {
  const all = Object.values(resources);
  const of = type => all.filter(({ Type }) => Type === type).map(({ Properties = {} }) => Properties);
  const endpoints = of('AWS::EC2::VPCEndpoint');
  const zones = of('AWS::ServiceDiscovery::PrivateDnsNamespace');
  const gateways = of('AWS::EC2::NatGateway');
  const [fileSystem] = of('AWS::EFS::FileSystem');
  const unknown = [...new Set(all.map(({ Type }) => Type))].filter(type => ![FREE, BY_USE, COUNTED].some(types => types.has(type)));
  if (unknown.length > 0) throw new Error(`nobody has said what these cost: ${unknown.join(', ')}; see build-tools/cost-doc/quantities.cjs`);

  const server = of('AWS::ECS::TaskDefinition').find(({ ContainerDefinitions: [{ Name }] }) => Name === 'engine');
  const client = of('AWS::Lambda::Function').find(({ PackageType }) => PackageType === 'Image');
  const mounts = server.Volumes?.length > 0;
  return {
    vcpu: Number(server.Cpu) / 1024,
    memoryGb: Number(server.Memory) / 1024,
    arm: server.RuntimePlatform.CpuArchitecture === 'ARM64',
    diskGb: server.EphemeralStorage?.SizeInGiB ?? 20,
    natGateways: gateways.length,
    // Each gateway has one address, be it of this stack or not.
    publicAddresses: gateways.length,
    interfaceEndpoints: endpoints.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface').length,
    hostedZones: zones.length,
    efs: mounts,
    // One that is not of this stack is paid for as its owner has set it up.
    throughput: fileSystem?.ThroughputMode,
    provisionedMiBps: fileSystem?.ProvisionedThroughputInMibps ?? 0,
    backups: fileSystem?.BackupPolicy?.Status === 'ENABLED',
    clientGb: client ? client.MemorySize / 1024 : 0,
  };
}

module.exports = { quantitiesOf };
