const {
  aws_ec2: ec2, aws_ecs: ecs, aws_efs: efs, aws_iam: iam, aws_logs: logs, aws_servicediscovery: servicediscovery,
  CfnOutput, Duration, RemovalPolicy,
} = require('aws-cdk-lib');
const { clientByHand } = require('./client-by-hand.cjs');
const { extraTaskByHand } = require('./extra-task-by-hand.cjs');

/**
 * What `new VastDeployment(stack, 'Vast', { cidr: '172.31.48.0/24' })` makes, by somebody who writes it with CDK's own
 * constructs for this one case: the same resources and properties, no checks, no choices.
 */
module.exports.deployByHand = function deployByHand(stack) {
  const vpc = new ec2.Vpc(stack, 'Vpc', {
    ipAddresses: ec2.IpAddresses.cidr('172.31.48.0/24'),
    maxAzs: 1,
    natGateways: 1,
    subnetConfiguration: [
      { name: 'Vast', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 25 },
      { name: 'Gateway', subnetType: ec2.SubnetType.PUBLIC, cidrMask: 25, mapPublicIpOnLaunch: false },
    ],
    restrictDefaultSecurityGroup: false,
    gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
  });
  const [subnet] = vpc.privateSubnets;

  const securityGroup = new ec2.SecurityGroup(stack, 'ServerSecurityGroup', { vpc, description: 'VAST server', allowAllOutbound: false });
  securityGroup.addIngressRule(ec2.Peer.ipv4('172.31.48.0/25'), ec2.Port.tcp(5158), 'clients in the Vast subnet');
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'image registry and AWS services');

  const refuse = (sid, conditions) => new iam.PolicyStatement({
    sid,
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite', 'elasticfilesystem:ClientRootAccess'],
    conditions,
  });
  const fileSystem = new efs.FileSystem(stack, 'FileSystem', {
    vpc,
    vpcSubnets: { subnets: [subnet] },
    securityGroup: new ec2.SecurityGroup(stack, 'FileSystemSecurityGroup', { vpc, allowAllOutbound: false }),
    encrypted: true,
    throughputMode: efs.ThroughputMode.ELASTIC,
    removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    fileSystemPolicy: new iam.PolicyDocument({
      statements: [
        refuse('RefuseWithoutTls', { Bool: { 'aws:SecureTransport': 'false' } }),
        refuse('RefuseWithoutAccessPoint', { Null: { 'elasticfilesystem:AccessPointArn': 'true' } }),
      ],
    }),
  });
  fileSystem.connections.allowDefaultPortFrom(securityGroup, 'VAST server to its file system');
  const accessPoint = fileSystem.addAccessPoint('AccessPoint', {
    path: '/vast',
    posixUser: { uid: '999', gid: '999' },
    createAcl: { ownerUid: '999', ownerGid: '999', permissions: '0750' },
  });

  const logGroup = new logs.LogGroup(stack, 'LogGroup', {
    retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const namespace = new servicediscovery.PrivateDnsNamespace(stack, 'Namespace', { name: 'vast.internal', vpc });
  namespace.node.defaultChild.properties = { dnsProperties: { soa: { ttl: 5 } } };

  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'TaskDefinition', {
    cpu: 2048,
    memoryLimitMiB: 4096,
    runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.X86_64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    volumes: [{
      name: 'state',
      efsVolumeConfiguration: {
        fileSystemId: fileSystem.fileSystemId,
        transitEncryption: 'ENABLED',
        authorizationConfig: { accessPointId: accessPoint.accessPointId, iam: 'ENABLED' },
      },
    }],
  });
  taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({
    actions: ['elasticfilesystem:ClientMount', 'elasticfilesystem:ClientWrite'],
    resources: [fileSystem.fileSystemArn],
    conditions: { StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint.accessPointArn } },
  }));
  taskDefinition.addContainer('engine', {
    image: ecs.ContainerImage.fromRegistry('tenzir/vast:v3.1.0'),
    command: ['vast', '--endpoint=0.0.0.0:5158', '--db-directory=/var/lib/vast', 'start'],
    portMappings: [{ containerPort: 5158 }],
    stopTimeout: Duration.seconds(120),
    linuxParameters: new ecs.LinuxParameters(stack, 'LinuxParameters', { initProcessEnabled: true }),
    healthCheck: { command: ['CMD', 'grep', '-sqiE', ':1426 0+:0000 0A ', '/proc/net/tcp', '/proc/net/tcp6'] },
    logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: 'server' }),
  }).addMountPoints({ sourceVolume: 'state', containerPath: '/var/lib/vast', readOnly: false });

  const cluster = new ecs.Cluster(stack, 'Cluster', {
    vpc,
    containerInsightsV2: ecs.ContainerInsights.DISABLED,
    executeCommandConfiguration: { logging: ecs.ExecuteCommandLogging.NONE },
  });
  const service = new ecs.FargateService(stack, 'Service', {
    cluster,
    taskDefinition,
    vpcSubnets: { subnets: [subnet] },
    securityGroups: [securityGroup],
    assignPublicIp: false,
    minHealthyPercent: 0,
    maxHealthyPercent: 100,
    availabilityZoneRebalancing: ecs.AvailabilityZoneRebalancing.DISABLED,
    circuitBreaker: { rollback: true },
    enableExecuteCommand: true,
    cloudMapOptions: { name: 'vast-server', cloudMapNamespace: namespace, dnsTtl: Duration.seconds(5) },
  });
  service.node.addDependency(
    taskDefinition.taskRole, taskDefinition.obtainExecutionRole(), securityGroup, subnet.internetConnectivityEstablished,
    fileSystem.mountTargetsAvailable,
  );
  const extraTask = extraTaskByHand(stack, vpc, securityGroup, taskDefinition.obtainExecutionRole(), logGroup);
  clientByHand(stack, vpc, subnet, securityGroup);
  new CfnOutput(stack, 'Deployment', {
    value: stack.toJsonString({
      region: stack.region,
      clusterName: cluster.clusterName,
      serviceName: service.serviceName,
      logGroupName: logGroup.logGroupName,
      vpcId: vpc.vpcId,
      subnetId: subnet.subnetId,
      securityGroupId: securityGroup.securityGroupId,
      ...extraTask,
      fileSystemId: fileSystem.fileSystemId,
      accessPointId: accessPoint.accessPointId,
    }),
  });
};
