import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_s3 as s3, aws_sqs as sqs,
  Duration, NestedStack, RemovalPolicy, Size, Stack, StackProps, Stage,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { VastDeployment, VastDeploymentProps, VastStorage, VastVersion } from '../src';

const ENV = { account: '111111111111', region: 'eu-central-1' };

const importedPeer = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Peer', {
  vpcId: 'vpc-059a7ec8aac174fc9',
  availabilityZones: ['eu-central-1a', 'eu-central-1b'],
  vpcCidrBlock: '10.0.0.0/16',
  privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnetRouteTableIds: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef1'],
});

/** Deployments that differ as much as they can; every linter of templates sees all of them. */
export const VARIANTS: { [name: string]: (stack: Stack) => Partial<VastDeploymentProps> } = {
  'default': () => ({}),
  'tenzir': () => ({
    version: VastVersion.V6_20_0,
    cpuArchitecture: ecs.CpuArchitecture.ARM64,
    engineConfiguration: { tenzir: { 'max-partition-size': 1048576 } },
    environment: { TENZIR_X: '1' },
  }),
  'attached': () => ({ storage: VastStorage.attached({ sizeGiB: 50 }), autoStart: false }),
  'existing-file-system': () => ({ storage: VastStorage.fromFileSystemId('fs-0123456789abcdef0'), removalPolicy: RemovalPolicy.DESTROY }),
  'client-with-everything': stack => ({
    client: {
      memoryMiB: 3008,
      timeout: Duration.minutes(15),
      ephemeralStorage: Size.gibibytes(2),
      reservedConcurrentExecutions: 5,
      environment: { TZ_OF_REPORTS: 'UTC' },
      resultsBucket: new s3.Bucket(stack, 'Results'),
      workBucket: new s3.Bucket(stack, 'Work', { encryptionKey: new kms.Key(stack, 'WorkKey', { enableKeyRotation: true }) }),
      deadLetterQueue: new sqs.Queue(stack, 'Failed'),
      image: lambda.DockerImageCode.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Images', 'vast-client'), { tagOrDigest: 'v3.1.0' }),
    },
  }),
  'without-client': () => ({ client: { enabled: false } }),
  'peered': stack => ({ peeredVpc: importedPeer(stack), flowLogs: {} }),
  'peered-with-another-account': stack => ({
    peeredVpc: importedPeer(stack),
    peering: { ownerAccount: '222222222222', region: 'us-east-1', acceptRoleArn: 'arn:aws:iam::222222222222:role/accept' },
  }),
  'peered-with-the-same-stack': stack => ({
    peeredVpc: new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16'), maxAzs: 1, natGateways: 1 }),
  }),
};

/** A stack with one of the variants in it. */
export function variantStack(scope: Construct, name: string, props: StackProps = { env: ENV }): Stack {
  const stack = new Stack(scope, name, props);
  const vast = new VastDeployment(stack, 'Vast', { cidr: '172.31.48.0/24', ...VARIANTS[name](stack) });
  const operator = new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
  vast.grantOperate(operator);
  vast.grantExecute(operator);
  return stack;
}

/** Writes the templates of all variants into a directory, for linters that are programs of their own. */
function writeTemplates(directory: string) {
  mkdirSync(directory, { recursive: true });
  const write = (name: string, stack: Stack) =>
    writeFileSync(join(directory, `${name}.template.json`), JSON.stringify(Template.fromStack(stack).toJSON(), undefined, 1));
  for (const name of Object.keys(VARIANTS)) {
    write(name, variantStack(new Stage(undefined as unknown as Construct, ''), name));
  }
  const outer = new Stack(new Stage(undefined as unknown as Construct, ''), 'outer');
  const nested = new NestedStack(outer, 'Nested');
  new VastDeployment(nested, 'Vast', { cidr: '172.31.48.0/24' });
  write('without-environment-in-a-nested-stack', nested);
}

if (require.main === module) {
  writeTemplates(process.argv[2]);
}
