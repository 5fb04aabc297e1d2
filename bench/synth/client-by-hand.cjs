const path = require('node:path');
const {
  aws_ec2: ec2, aws_ecr_assets: assets, aws_iam: iam, aws_lambda: lambda, aws_logs: logs, aws_sqs: sqs, Duration, RemovalPolicy,
} = require('aws-cdk-lib');

/** The Lambda client of a deployment, likewise by hand. */
module.exports.clientByHand = function clientByHand(stack, vpc, subnet, server) {
  const securityGroup = new ec2.SecurityGroup(stack, 'ClientSecurityGroup', { vpc, description: 'VAST client', allowAllOutbound: false });
  securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'AWS services');
  securityGroup.connections.allowTo(server, ec2.Port.tcp(5158), 'VAST client to its server');

  const logGroup = new logs.LogGroup(stack, 'ClientLogGroup', {
    retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  });
  const role = new iam.Role(stack, 'ClientRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  const ofNetworkInterfaces = [
    'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
  ];
  role.addToPolicy(new iam.PolicyStatement({ actions: ofNetworkInterfaces, resources: ['*'] }));
  role.addToPolicy(new iam.PolicyStatement({
    effect: iam.Effect.DENY,
    actions: ofNetworkInterfaces,
    resources: ['*'],
    conditions: { ArnLike: { 'lambda:SourceFunctionArn': `arn:*:lambda:${stack.region}:${stack.account}:function:*` } },
  }));

  const client = new lambda.DockerImageFunction(stack, 'Client', {
    code: lambda.DockerImageCode.fromImageAsset(path.join(__dirname, '..', '..', 'docker', 'client'), {
      buildArgs: { ENGINE_IMAGE: 'tenzir/vast:v3.1.0' }, platform: assets.Platform.LINUX_AMD64,
    }),
    architecture: lambda.Architecture.X86_64,
    memorySize: 2048,
    timeout: Duration.minutes(5),
    environment: { VAST_ENDPOINT: 'vast-server.vast.internal:5158' },
    vpc,
    vpcSubnets: { subnets: [subnet] },
    securityGroups: [securityGroup],
    role,
    logGroup,
    retryAttempts: 0,
    deadLetterQueue: new sqs.Queue(stack, 'DeadLetterQueue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: Duration.days(14),
    }),
  });
  client.node.addDependency(role, securityGroup);
};
