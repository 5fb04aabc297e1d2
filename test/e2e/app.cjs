// The CDK app of the end-to-end tests: one deployment, told by context what is special about it.
const { App, aws_ecs: ecs, aws_s3: s3, CfnOutput, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { VastDeployment, VastStorage, VastVersion } = require('cdk-vast');

const app = new App();
const context = name => app.node.tryGetContext(name);
const stack = new Stack(app, context('stack'));
const bucket = context('client') === 'true' ? new s3.Bucket(stack, 'Logs', { removalPolicy: RemovalPolicy.DESTROY }) : undefined;
const work = bucket && new s3.Bucket(stack, 'Work', { removalPolicy: RemovalPolicy.DESTROY });
const vast = new VastDeployment(stack, 'Vast', {
  cidr: '172.31.48.0/24',
  version: VastVersion.V6_20_0,
  storage: context('storage') === 'attached' ? VastStorage.attached() : VastStorage.efs(),
  environment: { GREETING: context('greeting') ?? 'hello' },
  engineConfiguration: { tenzir: { 'console-verbosity': 'info' } },
  image: context('image') ? ecs.ContainerImage.fromRegistry(context('image')) : undefined,
  client: bucket ? { timeout: Duration.seconds(60), memoryMiB: 1024, resultsBucket: bucket, workBucket: work } : { enabled: false },
  autoStart: context('autoStart') !== 'false',
  removalPolicy: context('keep') === 'true' ? undefined : RemovalPolicy.DESTROY,
});

if (bucket) {
  bucket.grantReadWrite(vast.clientRole);
  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
  new CfnOutput(stack, 'FailedCalls', { value: vast.clientDeadLetterQueue.queueUrl });
}
