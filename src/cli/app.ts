import {
  App, aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_lambda as lambda, aws_s3 as s3, Duration, RemovalPolicy, Stack, Validations,
} from 'aws-cdk-lib';
import { parseEcrImage } from './ecr-image';
import { EXIT } from './errors';
import { inVariables } from './refusals';
import { readSettings, Settings, STACK_DESCRIPTION } from './settings';
import { ACCOUNT_CONTEXT, stackAccount } from './stack-account';
import { VastClientOptions, VastDeployment, VastStorage } from '../index';

/** The CDK app behind `vast-cloud deploy`: one stack with one deployment, described by the variables. */
function main() {
  const app = new App();
  const settings = readSettings(process.env);
  const stack = new Stack(app, settings.stackName, {
    description: STACK_DESCRIPTION,
    // Looking the peered VPC up takes the account.
    env: { account: stackAccount(app.node.tryGetContext(ACCOUNT_CONTEXT)), region: settings.region },
  });
  const vast = new VastDeployment(stack, 'Vast', {
    cidr: settings.cidr,
    availabilityZone: settings.availabilityZone,
    namespaceName: settings.namespace,
    peeredVpc: settings.peeredVpcId ? ec2.Vpc.fromLookup(stack, 'Peer', { vpcId: settings.peeredVpcId }) : undefined,
    version: settings.version,
    image: settings.image ? ecs.ContainerImage.fromRegistry(settings.image) : undefined,
    client: clientOf(stack, settings),
    storage: settings.storage === 'ATTACHED' ? VastStorage.attached()
      : settings.fileSystemId ? VastStorage.fromFileSystemId(settings.fileSystemId) : VastStorage.efs(),
  });
  for (const cidr of settings.clientCidrs) {
    vast.connections.allowDefaultPortFrom(ec2.Peer.ipv4(cidr), 'clients that VAST_CLIENT_CIDRS lets in');
  }
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::W3010',
    reason: 'the CDK has looked the zones of this account and region up; nobody has written them down',
  });
}

function clientOf(stack: Stack, { clientImage }: Settings): VastClientOptions {
  if (clientImage === 'none') {
    return { enabled: false };
  }
  const workBucket = workBucketIn(stack);
  const image = parseEcrImage(clientImage ?? '');
  if (!image) {
    return { workBucket };
  }
  const repository = ecr.Repository.fromRepositoryAttributes(stack, 'ClientRepository', {
    repositoryArn: stack.formatArn({
      service: 'ecr', account: image.account, region: image.region, resource: 'repository', resourceName: image.repository,
    }),
    // The partition is not known yet, and so the name is not to be read from the ARN.
    repositoryName: image.repository,
  });
  return { image: lambda.DockerImageCode.fromEcr(repository, { tagOrDigest: image.tagOrDigest }), workBucket };
}

/** Scratch space: what nobody has fetched within a week is gone, and the rest is with the stack. */
function workBucketIn(stack: Stack): s3.IBucket {
  return new s3.Bucket(stack, 'WorkBucket', {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    encryption: s3.BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    lifecycleRules: [{ expiration: Duration.days(7), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

try {
  main();
} catch (error) {
  // What the constructs refuse is the user's to put right: the sentence, without where in our code it came up.
  console.error(inVariables((error as Error).message));
  process.exitCode = EXIT.userError;
}
