// Templates for the documents that are made from them: what `vast-cloud deploy` deploys, and what options and grants add to it.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

const require = createRequire(import.meta.url);
const NAME = 'VastCloud';
const WITH_PATHS = { 'aws:cdk:enable-path-metadata': true };

/** What `vast-cloud deploy` deploys, with nothing but the variables that it needs. */
export function vastCloudTemplate() {
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-synthesis-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, ['lib/cli/app.js'], {
      encoding: 'utf8',
      env: {
        // What this machine has in its environment is not to get into a document.
        ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(VAST|CDK|AWS)_/.test(name))),
        VAST_AWS_REGION: 'eu-west-1',
        VAST_PEERED_VPC_ID: 'none',
        VAST_CIDR: '172.31.48.0/24',
        CDK_DEFAULT_ACCOUNT: '111111111111',
        CDK_OUTDIR: directory,
        CDK_CONTEXT_JSON: JSON.stringify(WITH_PATHS),
      },
    });
    if (status !== 0) throw new Error(`the app of vast-cloud cannot be synthesized:\n${stderr}`);
    return JSON.parse(readFileSync(path.join(directory, `${NAME}.template.json`), 'utf8')).Resources;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** A deployment of the construct, with what is done to it before it is synthesized. */
export function templateOf(describe) {
  const { Stack, Stage, assertions } = require('aws-cdk-lib');
  const { VastDeployment } = require('../lib');
  // Not an App, which loads a linter of templates for seconds.
  const root = new Stage(undefined, '');
  Object.entries(WITH_PATHS).forEach(([key, value]) => root.node.setContext(key, value));
  const stack = new Stack(root, NAME, { env: { account: '111111111111', region: 'eu-west-1' } });
  describe(stack, props => new VastDeployment(stack, 'Vast', { cidr: '172.31.48.0/24', ...props }));
  return assertions.Template.fromStack(stack).toJSON().Resources;
}

/** The construct with nothing but its CIDR. */
export const defaultTemplate = () => templateOf((_, deploy) => deploy({}));

/** What a user may ask for, and what it adds to the statements and rules of the default. */
export const OPTIONS = {
  '`image` from ECR': (stack, deploy) => {
    const { aws_ecr: ecr, aws_ecs: ecs } = require('aws-cdk-lib');
    deploy({ image: ecs.ContainerImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Engine', 'tenzir/vast'), 'v3.1.0') });
  },
  '`secrets` from Secrets Manager and Parameter Store': (stack, deploy) => {
    const { aws_ecs: ecs, aws_secretsmanager: secretsmanager, aws_ssm: ssm } = require('aws-cdk-lib');
    deploy({
      secrets: {
        A_SECRET: ecs.Secret.fromSecretsManager(secretsmanager.Secret.fromSecretNameV2(stack, 'Secret', 'engine')),
        A_PARAMETER: ecs.Secret.fromSsmParameter(ssm.StringParameter.fromSecureStringParameterAttributes(stack, 'Parameter', { parameterName: '/engine' })),
      },
    });
  },
  '`client.resultsBucket`': (stack, deploy) => {
    const { aws_s3: s3 } = require('aws-cdk-lib');
    deploy({ client: { resultsBucket: s3.Bucket.fromBucketName(stack, 'Results', 'results') } });
  },
  '`client.workBucket` with a key of yours': (stack, deploy) => {
    const { aws_kms: kms, aws_s3: s3 } = require('aws-cdk-lib');
    deploy({ client: { workBucket: new s3.Bucket(stack, 'WorkBucket', { encryptionKey: new kms.Key(stack, 'WorkKey') }) } });
  },
  '`client.deadLetterQueue` with a key of yours': (stack, deploy) => {
    const { aws_kms: kms, aws_sqs: sqs } = require('aws-cdk-lib');
    deploy({ client: { deadLetterQueue: new sqs.Queue(stack, 'FailedQueue', { encryptionMasterKey: new kms.Key(stack, 'QueueKey') }) } });
  },
  '`cluster` whose sessions have a key of yours': (stack, deploy) => {
    const { aws_ec2: ec2, aws_ecs: ecs, aws_kms: kms } = require('aws-cdk-lib');
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'ClusterVpc', { vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'] });
    const kmsKey = kms.Key.fromKeyArn(stack, 'SessionKey', stack.formatArn({ service: 'kms', resource: 'key', resourceName: 'key' }));
    deploy({ cluster: ecs.Cluster.fromClusterAttributes(stack, 'Cluster', {
      clusterName: 'cluster', vpc, executeCommandConfiguration: { kmsKey, logging: ecs.ExecuteCommandLogging.NONE },
    }) });
  },
  '`flowLogs`': (_, deploy) => deploy({ flowLogs: {} }),
};

/** The grants of the construct, each to a role of its own. */
export const GRANTS = ['grantInvokeClient', 'grantOperate', 'grantExecute'];

export const optionTemplate = option => templateOf(OPTIONS[option]);

export const grantTemplate = grant => templateOf((stack, deploy) => {
  const { aws_iam: iam } = require('aws-cdk-lib');
  deploy({})[grant](new iam.Role(stack, 'Grantee', { assumedBy: new iam.AccountRootPrincipal() }));
});
