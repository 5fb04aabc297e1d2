// The CDK app of the end-to-end tests: one deployment, told by context what is special about it.
const { App, aws_ecs: ecs, aws_s3: s3, CfnOutput, Duration, RemovalPolicy, Stack } = require('aws-cdk-lib');
const { VastDeployment, VastStorage, VastVersion } = require('cdk-vast');

const app = new App();
const context = name => app.node.tryGetContext(name);
const stack = new Stack(app, context('stack'));
const vast = new VastDeployment(stack, 'Vast', {
  cidr: '172.31.48.0/24',
  version: VastVersion.V6_20_0,
  storage: context('storage') === 'attached' ? VastStorage.attached() : VastStorage.efs(),
  environment: { GREETING: context('greeting') ?? 'hello' },
  engineConfiguration: { tenzir: { 'console-verbosity': 'info' } },
  image: context('image') ? ecs.ContainerImage.fromRegistry(context('image')) : undefined,
  client: context('client') === 'true' ? { timeout: Duration.seconds(60), memoryMiB: 1024 } : undefined,
  autoStart: context('autoStart') !== 'false',
  removalPolicy: context('keep') === 'true' ? undefined : RemovalPolicy.DESTROY,
});

if (context('client') === 'true') {
  const bucket = new s3.Bucket(stack, 'Logs', { removalPolicy: RemovalPolicy.DESTROY });
  bucket.grantReadWrite(vast.clientRole);
  new CfnOutput(stack, 'BucketName', { value: bucket.bucketName });
}
