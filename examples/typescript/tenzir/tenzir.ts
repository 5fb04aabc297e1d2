import { App, aws_s3 as s3, CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { VastDeployment, VastVersion } from 'cdk-vast';
import { Construct } from 'constructs';

interface TenzirProps extends StackProps {
  readonly cidr: string;
}

class Tenzir extends Stack {
  constructor(scope: Construct, id: string, props: TenzirProps) {
    super(scope, id, props);

    // Where the commands of the client find files, and leave them. It outlives the stack.
    const workBucket = new s3.Bucket(this, 'Work', {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: Duration.days(30) }],
    });

    new VastDeployment(this, 'Tenzir', {
      cidr: props.cidr,
      version: VastVersion.V6_20_0,
      cpu: 4096,
      memoryLimitMiB: 8192,
      // What would stand in the engine's configuration file.
      engineConfiguration: { tenzir: { 'active-partition-timeout': '10 seconds' } },
      client: { workBucket },
    });
    new CfnOutput(this, 'WorkBucket', { value: workBucket.bucketName });
  }
}

const app = new App();
new Tenzir(app, 'Tenzir', { cidr: app.node.tryGetContext('cidr') ?? '172.31.48.0/24' });
