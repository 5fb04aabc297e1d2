// The CDK app of the end-to-end tests: one deployment, told by context what is special about it.
const { App, aws_ec2: ec2, aws_ecs: ecs, aws_s3: s3, CfnOutput, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { VastDeployment, VastStorage, VastVersion } = require('cdk-vast');

const app = new App();
const context = name => app.node.tryGetContext(name);
const stack = new Stack(app, context('stack'));
const bucket = context('client') === 'true' ? new s3.Bucket(stack, 'Logs', { removalPolicy: RemovalPolicy.DESTROY }) : undefined;
const work = bucket && new s3.Bucket(stack, 'Work', { removalPolicy: RemovalPolicy.DESTROY });
/** A cluster of the user's, in the same stack. */
const clusterOfUser = () => ecs.Cluster.fromClusterAttributes(stack, 'Imported', {
  clusterName: new ecs.CfnCluster(stack, 'Mine').ref,
  vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-12345678', availabilityZones: ['us-east-1a'] }),
});

const vast = new VastDeployment(stack, 'Vast', {
  cidr: '172.31.48.0/24',
  version: VastVersion.V6_20_0,
  storage: context('storage') === 'attached' ? VastStorage.attached() : VastStorage.efs(),
  environment: { GREETING: context('greeting') ?? 'hello' },
  engineConfiguration: {
    tenzir: { 'console-verbosity': 'info', ...context('pipeline') && { pipelines: { tested: { definition: context('pipeline') } } } },
  },
  image: context('image') ? ecs.ContainerImage.fromRegistry(context('image')) : undefined,
  client: bucket ? { timeout: Duration.seconds(60), memoryMiB: 1024, resultsBucket: bucket, workBucket: work } : { enabled: false },
  cluster: context('cluster') === 'mine' ? clusterOfUser() : undefined,
  memoryLimitMiB: context('memory') ? Number(context('memory')) : undefined,
  namespaceName: context('namespace'),
  logRetention: context('logRetention') ? Number(context('logRetention')) : undefined,
  autoStart: context('autoStart') !== 'false',
  removalPolicy: context('keep') === 'true' ? undefined : RemovalPolicy.DESTROY,
});

if (bucket) {
  bucket.grantReadWrite(vast.clientRole);
  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  new CfnOutput(stack, 'FailedCalls', { value: vast.clientDeadLetterQueue.queueUrl });
}
