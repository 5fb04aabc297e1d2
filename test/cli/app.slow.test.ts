import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';

const APP = path.resolve(__dirname, '..', '..', 'lib', 'cli', 'app.js');

/** The template of `vast-cloud deploy` with some variables set. */
function templateWith(variables: { [name: string]: string }): Template {
  const out = mkdtempSync(path.join(tmpdir(), 'vast-cloud-app-'));
  try {
    const { status, stderr } = spawnSync(process.execPath, [APP], {
      env: {
        ...process.env,
        CDK_OUTDIR: out,
        CDK_DEFAULT_ACCOUNT: '000000000000',
        VAST_AWS_REGION: 'eu-west-1',
        VAST_PEERED_VPC_ID: 'none',
        VAST_CIDR: '172.31.48.0/24',
        ...variables,
      },
      encoding: 'utf8',
    });
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
    return Template.fromString(readFileSync(path.join(out, 'VastCloud.template.json'), 'utf8'));
  } finally {
    rmSync(out, { recursive: true });
  }
}

describe('the work bucket of vast-cloud', () => {
  const template = templateWith({ VAST_CLIENT_IMAGE: '000000000000.dkr.ecr.eu-west-1.amazonaws.com/team/vast-client:v3.1.0' });
  const [[bucket, resource]] = Object.entries(template.findResources('AWS::S3::Bucket'));

  test('lets nobody but the account in, and only over TLS', () => {
    expect(resource.Properties.PublicAccessBlockConfiguration)
      .toEqual({ BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: bucket },
      PolicyDocument: { Statement: [{ Effect: 'Deny', Principal: { AWS: '*' }, Action: 's3:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }] },
    });
  });

  test('is encrypted by S3', () => {
    expect(resource.Properties.BucketEncryption.ServerSideEncryptionConfiguration)
      .toEqual([{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }]);
  });

  test('forgets objects after a week, and uploads that were never completed after a day', () => {
    expect(resource.Properties.LifecycleConfiguration.Rules)
      .toEqual([{ Status: 'Enabled', ExpirationInDays: 7, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }]);
  });

  test('goes with the stack, without a custom resource that would empty it', () => {
    expect(resource.DeletionPolicy).toBe('Delete');
    expect(JSON.stringify(template.toJSON()).match(/Custom::\w+|AWS::CloudFormation::CustomResource/g)).toEqual(['Custom::VastTaskDrain']);
  });

  test('is the one that commands know, and that takes their large output', () => {
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { CDK_VAST_WORK_BUCKET: { Ref: bucket }, CDK_VAST_RESULTS_BUCKET: { Ref: bucket } } },
    });
  });

  test('is there without Docker, where the client has a ready-made image', () => {
    const [{ Properties }] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } }));
    expect(JSON.stringify(Properties.Code.ImageUri)).toContain('/team/vast-client:v3.1.0');
  });

  test('is not there where there is no client', () => {
    templateWith({ VAST_CLIENT_IMAGE: 'none' }).resourceCountIs('AWS::S3::Bucket', 0);
  });
});
