import {
  aws_ec2 as ec2, aws_ecr as ecr, aws_ecs as ecs, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_s3 as s3, aws_sqs as sqs,
  Duration, Size, Stack,
} from 'aws-cdk-lib';
import { VastClientOptions, VastDeployment, VastVersion } from '../../src';
import { Statement } from '../policy-statements';
import { ENV, refusalOf, serverAlone, stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const functionOf = (synthesized: SynthesizedDeployment) => synthesized.resourceOf(synthesized.deployment.clientFunction!);
const statementsOf = (synthesized: SynthesizedDeployment, policy: RegExp) => Object.entries(synthesized.all('AWS::IAM::Policy'))
  .filter(([id]) => policy.test(id)).flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as Statement[]);

describe('the function', () => {
  const synthesized = new SynthesizedDeployment();
  const { Properties: properties, DependsOn } = functionOf(synthesized);

  test('comes from an image, for the CPU architecture of the server', () => {
    expect(properties).toMatchObject({ PackageType: 'Image', Architectures: ['x86_64'], MemorySize: 2048, Timeout: 300 });
    const arm = new SynthesizedDeployment({ cpuArchitecture: ecs.CpuArchitecture.ARM64, version: VastVersion.V6_20_0 });
    expect(functionOf(arm).Properties.Architectures).toEqual(['arm64']);
  });

  test('runs in the Vast subnet, in a group of its own', () => {
    expect(properties.VpcConfig.SubnetIds).toEqual([{ Ref: 'VastNetworkVpcVastSubnet1Subnet8AB8334A' }]);
    expect(properties.VpcConfig.SecurityGroupIds).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^VastClientSecurityGroup/), 'GroupId'] }]);
  });

  test('is told where the server is, in the words of the engine\'s generation', () => {
    expect(properties.Environment.Variables).toEqual({ VAST_ENDPOINT: 'vast-server.vast.internal:5158', VAST_CONNECTION_TIMEOUT: '30s' });
    expect(functionOf(new SynthesizedDeployment({ version: VastVersion.V6_20_0 })).Properties.Environment.Variables)
      .toEqual({ TENZIR_ENDPOINT: 'vast-server.vast.internal:5158', TENZIR_CONNECTION_TIMEOUT: '30s' });
  });

  test('does not wait for minutes for a server that it cannot reach, where the release can be told so', () => {
    const timeoutOf = (name: string, environment = {}) => {
      const { Variables } = functionOf(new SynthesizedDeployment({ version: VastVersion.of(name), client: { environment } })).Properties.Environment;
      return Variables.VAST_CONNECTION_TIMEOUT ?? Variables.TENZIR_CONNECTION_TIMEOUT;
    };
    expect(['v2.2.0', 'v2.3.0', 'v3.1.0', 'v6.20.0', 'main'].map(name => timeoutOf(name))).toEqual([undefined, '30s', '30s', '30s', '30s']);
    expect(timeoutOf('v3.1.0', { VAST_CONNECTION_TIMEOUT: '5m' })).toBe('5m');
  });

  test('is created after all the rights of its role, and deleted before them', () => {
    expect(DependsOn).toEqual(expect.arrayContaining([
      expect.stringMatching(/^VastClientRole[0-9A-F]{8}$/), expect.stringMatching(/^VastClientRoleDefaultPolicy/),
    ]));
  });

  test('is not tried again, and what failed goes to an encrypted queue', () => {
    expect(synthesized.only('AWS::Lambda::EventInvokeConfig').Properties.MaximumRetryAttempts).toBe(0);
    expect(properties.DeadLetterConfig.TargetArn).toEqual({ 'Fn::GetAtt': [synthesized.only('AWS::SQS::Queue').logicalId, 'Arn'] });
    expect(synthesized.only('AWS::SQS::Queue').Properties).toMatchObject({ SqsManagedSseEnabled: true, MessageRetentionPeriod: 1209600 });
    expect(synthesized.only('AWS::SQS::QueuePolicy').Properties.PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }));
  });

  test('may use the key of a queue that it is given for what failed', () => {
    const stack = stackOfTests({ env: ENV });
    const key = new kms.Key(stack, 'Key');
    const deadLetterQueue = new sqs.Queue(stack, 'Failed', { encryptionMasterKey: key });
    const statements = statementsOf(new SynthesizedDeployment({ client: { deadLetterQueue } }, stack), /^VastClientRole/);
    const actionsOn = (arn: unknown) =>
      statements.filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(arn)).flatMap(({ Action }) => Action);
    expect(actionsOn(stack.resolve(key.keyArn))).toEqual(expect.arrayContaining(['kms:GenerateDataKey*', 'kms:Decrypt']));
    expect(actionsOn(stack.resolve(deadLetterQueue.queueArn))).toContain('sqs:SendMessage');
  });

  test('has the sizes that are asked for', () => {
    const asked = new SynthesizedDeployment({
      client: {
        memoryMiB: 10240,
        timeout: Duration.minutes(15),
        ephemeralStorage: Size.gibibytes(10),
        reservedConcurrentExecutions: 3,
        environment: { TZ_OF_REPORTS: 'UTC' },
      },
    });
    expect(functionOf(asked).Properties).toMatchObject({
      MemorySize: 10240,
      Timeout: 900,
      EphemeralStorage: { Size: 10240 },
      ReservedConcurrentExecutions: 3,
      Environment: { Variables: { TZ_OF_REPORTS: 'UTC', VAST_ENDPOINT: 'vast-server.vast.internal:5158', VAST_CONNECTION_TIMEOUT: '30s' } },
    });
  });

  test('can have its image from ECR, and then nothing is built', () => {
    const stack = stackOfTests({ env: ENV });
    const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'vast-client');
    const ready = new SynthesizedDeployment({ client: { image: lambda.DockerImageCode.fromEcr(repository, { tagOrDigest: 'v3.1.0' }) } }, stack);
    expect(JSON.stringify(functionOf(ready).Properties.Code.ImageUri)).toContain('/vast-client:v3.1.0');
  });

  test('is left out where that is asked for', () => {
    const without = serverAlone();
    expect(Object.values(without.all('AWS::Lambda::Function')).filter(({ Properties }) => Properties.PackageType === 'Image')).toEqual([]);
    expect(without.all('AWS::SQS::Queue')).toEqual({});
    expect(without.deployment.clientFunction).toBeUndefined();
  });
});

describe('the client\'s network', () => {
  const synthesized = new SynthesizedDeployment();

  test('lets it out to AWS and to the server, and lets nobody in', () => {
    const [, group] = Object.entries(synthesized.all('AWS::EC2::SecurityGroup')).find(([id]) => /^VastClient/.test(id))!;
    expect(group.Properties.SecurityGroupIngress).toBeUndefined();
    expect(group.Properties.SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })]);
    expect(Object.entries(synthesized.all('AWS::EC2::SecurityGroupEgress')).filter(([id]) => /^VastClient/.test(id)).map(([, { Properties }]) => Properties))
      .toEqual([expect.objectContaining({ FromPort: 5158, ToPort: 5158, DestinationSecurityGroupId: { 'Fn::GetAtt': ['VastServerSecurityGroup0EDD7AD8', 'GroupId'] } })]);
  });

  test('is admitted by the server', () => {
    const rules = Object.values(synthesized.all('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties)
      .filter(({ SourceSecurityGroupId: source }) => /^VastClientSecurityGroup/.test(source['Fn::GetAtt'][0]));
    expect(rules).toEqual([expect.objectContaining({ FromPort: 5158, ToPort: 5158 })]);
    expect(rules[0].GroupId['Fn::GetAtt'][0]).toMatch(/^VastServerSecurityGroup/);
  });
});

describe('the client\'s role', () => {
  const synthesized = new SynthesizedDeployment();
  const statements = statementsOf(synthesized, /^VastClientRole/);

  test('has no managed policy, and on everything only what AWS documents for a function in a VPC', () => {
    const roles = Object.entries(synthesized.all('AWS::IAM::Role')).filter(([id]) => /^VastClient/.test(id));
    expect(roles.map(([, { Properties }]) => Properties.ManagedPolicyArns)).toEqual([undefined]);
    expect(statements.filter(({ Effect, Resource }) => Effect === 'Allow' && Resource === '*').flatMap(({ Action }) => Action))
      .toEqual([
        'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
        'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
      ]);
    expect(statements.filter(({ Action, Resource }) => /ec2:/.test(JSON.stringify(Action)) && Resource !== '*')).toEqual([]);
  });

  test('writes to its own log group', () => {
    expect(statements).toContainEqual(expect.objectContaining({
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^VastClientLogGroup/), 'Arn'] },
    }));
  });

  test('does not let the commands use the rights that are Lambda\'s', () => {
    const [denied, ...others] = statements.filter(({ Effect }) => Effect === 'Deny');
    expect(others).toEqual([]);
    expect(denied.Action).toEqual(expect.arrayContaining(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface', 'ec2:DescribeSubnets']));
    expect(JSON.stringify(denied.Condition)).toContain('lambda:SourceFunctionArn');
  });

  test('may write results, and only them, where there is a bucket for them', () => {
    const stack = stackOfTests({ env: ENV });
    const bucket = s3.Bucket.fromBucketName(stack, 'Results', 'results-of-tests');
    const asked = new SynthesizedDeployment({ client: { resultsBucket: bucket } }, stack);
    expect(functionOf(asked).Properties.Environment.Variables.CDK_VAST_RESULTS_BUCKET).toBe('results-of-tests');
    const written = statementsOf(asked, /^VastClientRole/).filter(({ Action }) => [Action].flat().some(action => action.startsWith('s3:')));
    expect(JSON.stringify(written.map(({ Resource }) => Resource))).toContain(':s3:::results-of-tests/results/*');
  });
});

describe('a work bucket', () => {
  const withBucket = (client: (stack: Stack) => VastClientOptions) => {
    const stack = stackOfTests({ env: ENV });
    const asked = new SynthesizedDeployment({ client: client(stack) }, stack);
    return { variables: functionOf(asked).Properties.Environment.Variables, rights: statementsOf(asked, /^VastClientRole/).filter(aboutS3), asked };
  };
  const aboutS3 = ({ Action }: Statement) => [Action].flat().some(action => action.startsWith('s3:') || action.startsWith('kms:'));
  const named = (stack: Stack, name: string) => s3.Bucket.fromBucketName(stack, name, name);

  test('is told to every command under a name that the engine does not take for an option', () => {
    const { variables } = withBucket(stack => ({ workBucket: named(stack, 'work') }));
    expect(variables.CDK_VAST_WORK_BUCKET).toBe('work');
    expect(Object.keys(variables).filter(name => /^(VAST|TENZIR)_/.test(name))).toEqual(['VAST_CONNECTION_TIMEOUT', 'VAST_ENDPOINT']);
  });

  test('may be listed, and its objects read, written and deleted; nothing else', () => {
    const { rights } = withBucket(stack => ({ workBucket: named(stack, 'work') }));
    const bucket = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::work']] };
    const objects = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::work/*']] };
    expect(rights).toEqual([
      { Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation', 's3:ListBucketMultipartUploads'], Resource: bucket },
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'],
        Resource: objects,
      },
    ]);
  });

  test('takes what does not fit into an answer, where there is no bucket for that alone', () => {
    expect(withBucket(stack => ({ workBucket: named(stack, 'work') })).variables.CDK_VAST_RESULTS_BUCKET).toBe('work');
    const { variables, rights } = withBucket(stack => ({ workBucket: named(stack, 'work'), resultsBucket: named(stack, 'results') }));
    expect(variables).toMatchObject({ CDK_VAST_WORK_BUCKET: 'work', CDK_VAST_RESULTS_BUCKET: 'results' });
    expect(JSON.stringify(rights.map(({ Resource }) => Resource))).toContain(':s3:::results/results/*');
  });

  test('may have a key of its own, which the commands may then use', () => {
    const { rights } = withBucket(stack => ({ workBucket: new s3.Bucket(stack, 'Work', { encryptionKey: new kms.Key(stack, 'Key') }) }));
    const [key] = rights.filter(({ Action }) => [Action].flat().includes('kms:Decrypt'));
    expect(key.Resource).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] });
  });

  test('is handed out by the deployment', () => {
    const stack = stackOfTests({ env: ENV });
    const workBucket = named(stack, 'work');
    expect(new SynthesizedDeployment({ client: { workBucket } }, stack).deployment.clientWorkBucket).toBe(workBucket);
    expect(new SynthesizedDeployment().deployment.clientWorkBucket).toBeUndefined();
  });

  test('is not there without being asked for: neither a variable nor a right', () => {
    const { variables, rights } = withBucket(() => ({}));
    expect(Object.keys(variables).filter(name => name.startsWith('CDK_VAST_'))).toEqual([]);
    expect(rights).toEqual([]);
  });
});

describe('grantInvokeClient', () => {
  test('gives the function, and nothing else', () => {
    const synthesized = new SynthesizedDeployment();
    const user = new iam.Role(synthesized.stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
    synthesized.deployment.grantInvokeClient(user).assertSuccess();
    const { logicalId } = functionOf(synthesized);
    const arn = { 'Fn::GetAtt': [logicalId, 'Arn'] };
    expect(statementsOf(synthesized, /^User/)).toEqual([
      { Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [arn, { 'Fn::Join': ['', [arn, ':*']] }] },
    ]);
  });

  test('says so where there is no client', () => {
    const { deployment, stack } = serverAlone();
    const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
    expect(() => deployment.grantInvokeClient(user)).toThrow('there is no client to invoke');
  });

  test('works for a deployment that was defined elsewhere, if the function is known', () => {
    const stack = stackOfTests({ env: ENV });
    const securityGroup = ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-12345678');
    const imported = VastDeployment.fromVastDeploymentAttributes(stack, 'Vast', {
      clusterName: 'c',
      serviceName: 's',
      serverHostname: 'vast-server.vast.internal',
      serverPort: 5158,
      securityGroup,
      clientFunction: lambda.Function.fromFunctionArn(stack, 'Client', 'arn:aws:lambda:eu-central-1:111111111111:function:client'),
    });
    const user = new iam.Role(stack, 'User', { assumedBy: new iam.AccountRootPrincipal() });
    imported.grantInvokeClient(user).assertSuccess();
  });
});

describe('what is refused', () => {
  test.each([
    [{ memoryMiB: 64 }, 'client.memoryMiB of 64 is not to be had on Lambda: give 128 to 10240'],
    [{ memoryMiB: 10241 }, 'client.memoryMiB of 10241'],
    [{ timeout: Duration.minutes(16) }, 'client.timeout of 960 s is not to be had on Lambda: give whole seconds, 1 to 900'],
    [{ timeout: Duration.millis(1500) }, 'client.timeout of 1.5 s'],
    [{ ephemeralStorage: Size.mebibytes(256) }, 'client.ephemeralStorage of 256 MiB'],
    [{ reservedConcurrentExecutions: -1 }, 'client.reservedConcurrentExecutions of -1'],
    [{ environment: { VAST_ENDPOINT: 'x' } }, 'VAST_ENDPOINT of the client is set by the deployment itself'],
    [{ environment: { CDK_VAST_WORK_BUCKET: 'x' } }, 'CDK_VAST_WORK_BUCKET of the client is set by the deployment itself'],
    [{ environment: { CDK_VAST_RESULTS_BUCKET: 'x' } }, 'CDK_VAST_RESULTS_BUCKET of the client is set by the deployment itself'],
    [{ environment: { '1A': 'x' } }, "'1A' is not the name of an environment variable on Lambda"],
  ])('%j', (client, sentence) => {
    expect(refusalOf({ client })).toContain(sentence);
  });

  test('all at once', () => {
    const refusal = refusalOf({ client: { memoryMiB: 1, timeout: Duration.minutes(20) } });
    expect(refusal).toContain('client.memoryMiB');
    expect(refusal).toContain('client.timeout');
  });
});
