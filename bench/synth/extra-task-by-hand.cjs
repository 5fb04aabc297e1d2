const { aws_ec2: ec2, aws_ecs: ecs, aws_iam: iam, Duration } = require('aws-cdk-lib');

/** The definition of one-off tasks next to the server, likewise by hand. */
module.exports.extraTaskByHand = function extraTaskByHand(stack, vpc, server, executionRole, logGroup) {
  const securityGroup = new ec2.SecurityGroup(stack, 'ExtraTaskSecurityGroup', { vpc, description: 'VAST one-off tasks', allowAllOutbound: false });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'image registry and AWS services');
  securityGroup.connections.allowTo(server, ec2.Port.tcp(5158), 'VAST one-off tasks to their server');

  const taskDefinition = new ecs.FargateTaskDefinition(stack, 'ExtraTaskDefinition', {
    cpu: 512,
    memoryLimitMiB: 1024,
    runtimePlatform: { cpuArchitecture: ecs.CpuArchitecture.X86_64, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    executionRole,
  });
  taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({
    actions: [
      'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
    ],
    resources: ['*'],
  }));
  taskDefinition.addContainer('task', {
    image: ecs.ContainerImage.fromRegistry('tenzir/vast:v3.1.0'),
    entryPoint: ['/bin/sh', '-c'],
    command: ['exec sleep 3600'],
    environment: { VAST_ENDPOINT: 'vast-server.vast.internal:5158', VAST_IMPORT__BLOCKING: 'true' },
    stopTimeout: Duration.seconds(120),
    linuxParameters: new ecs.LinuxParameters(stack, 'ExtraTaskLinuxParameters', { initProcessEnabled: true }),
    logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: 'task' }),
  });
  return {
    extraTaskDefinitionArn: taskDefinition.taskDefinitionArn,
    extraTaskFamily: taskDefinition.family,
    extraTaskSecurityGroupId: securityGroup.securityGroupId,
    extraTaskContainerName: 'task',
  };
};
