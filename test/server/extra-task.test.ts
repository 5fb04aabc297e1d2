import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { aws_ec2 as ec2, aws_ecs as ecs, aws_kms as kms, aws_s3 as s3, aws_secretsmanager as secretsmanager, Stack } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { VastDeployment, VastDeploymentProps, VastStorage, VastVersion } from '../../src';
import { statementsOf } from '../policy-statements';
import { serverAlone, stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const containerWith = (props: Partial<VastDeploymentProps>) => serverAlone(props).extraContainer;
const definitionOf = (synthesized: SynthesizedDeployment) => synthesized.resourceOf(synthesized.deployment.extraTaskDefinition).Properties;
const environmentOf = (props: Partial<VastDeploymentProps>): { [name: string]: string } =>
  Object.fromEntries(containerWith(props).Environment.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]));

describe('the task definition', () => {
  const synthesized = serverAlone();
  const definition = definitionOf(synthesized);

  test('is small, and for Fargate', () => {
    expect(definition).toMatchObject({ Cpu: '512', Memory: '1024', NetworkMode: 'awsvpc', RequiresCompatibilities: ['FARGATE'] });
  });

  test.each([VastStorage.efs(), VastStorage.attached(), VastStorage.fromFileSystemId('fs-0123456789abcdef0')])('has no volume at all', (storage) => {
    const other = serverAlone({ storage });
    expect(definitionOf(other)).not.toHaveProperty('Volumes.0');
    expect(other.extraContainer).not.toHaveProperty('MountPoints.0');
  });

  test('has the CPU architecture of the server', () => {
    const arm = serverAlone({ version: VastVersion.V6_20_0, cpuArchitecture: ecs.CpuArchitecture.ARM64 });
    expect(definitionOf(arm).RuntimePlatform).toEqual({ CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' });
  });

  test('stays the same whatever size the server has', () => {
    expect(definitionOf(serverAlone({ cpu: 16384, memoryLimitMiB: 122880 }))).toMatchObject({ Cpu: '512', Memory: '1024' });
  });
});

describe('its rights', () => {
  const synthesized = serverAlone();
  const definition = definitionOf(synthesized);

  test('are those of a session of ECS Exec, in a role of its own', () => {
    expect(definition.TaskRoleArn).not.toEqual(synthesized.taskDefinition.Properties.TaskRoleArn);
    const policies = Object.values(synthesized.all('AWS::IAM::Policy')).filter(({ Properties }) =>
      JSON.stringify(Properties.Roles) === JSON.stringify([{ Ref: definition.TaskRoleArn['Fn::GetAtt'][0] }]));
    expect(policies.flatMap(policy => statementsOf({ policy }))).toEqual([{
      Effect: 'Allow',
      Action: ['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'],
      Resource: '*',
    }]);
  });

  test('to fetch image and write logs are the server\'s, and did not become more', () => {
    expect(definition.ExecutionRoleArn).toEqual(synthesized.taskDefinition.Properties.ExecutionRoleArn);
    const executionRole = Object.entries(synthesized.all('AWS::IAM::Policy')).find(([id]) => id.includes('ExecutionRole'))!;
    expect(statementsOf(Object.fromEntries([executionRole]))).toEqual([{
      Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [synthesized.resourceOf(synthesized.deployment.logGroup).logicalId, 'Arn'] },
    }]);
  });

  test('are not those that the server is given', () => {
    const stack = stackOfTests();
    const other = serverAlone({}, stack);
    new secretsmanager.Secret(stack, 'Secret').grantRead(other.deployment);
    const policies = Object.entries(other.all('AWS::IAM::Policy')).filter(([, policy]) => JSON.stringify(policy).includes('secretsmanager:'));
    expect(policies.map(([id]) => id)).toEqual([expect.stringMatching(/^VastServer/)]);
  });
});

describe('its network', () => {
  const synthesized = serverAlone();
  const group = synthesized.stack.resolve(synthesized.deployment.extraTaskConnections.securityGroups[0].securityGroupId);
  const server = synthesized.stack.resolve(synthesized.deployment.connections.securityGroups[0].securityGroupId);
  const rulesOf = (type: string, property: string) => Object.values(synthesized.all(type)).map(({ Properties }) => Properties)
    .filter(({ [property]: value }) => JSON.stringify(value) === JSON.stringify(group));

  test('lets it out to HTTPS and to the server, and lets nobody in', () => {
    const { Properties } = synthesized.all('AWS::EC2::SecurityGroup')[group['Fn::GetAtt'][0]];
    expect(Properties.SecurityGroupIngress).toBeUndefined();
    expect(Properties.SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })]);
    expect(rulesOf('AWS::EC2::SecurityGroupEgress', 'GroupId')).toEqual([
      expect.objectContaining({ DestinationSecurityGroupId: server, IpProtocol: 'tcp', FromPort: 5158, ToPort: 5158 }),
    ]);
    expect(rulesOf('AWS::EC2::SecurityGroupIngress', 'GroupId')).toEqual([]);
  });

  test('is admitted by the server on the engine\'s port, and by nothing else', () => {
    expect(rulesOf('AWS::EC2::SecurityGroupIngress', 'SourceSecurityGroupId')).toEqual([
      expect.objectContaining({ GroupId: server, IpProtocol: 'tcp', FromPort: 5158, ToPort: 5158 }),
    ]);
  });
});

describe('the container', () => {
  const container = containerWith({});

  test('passes signals on and has time to end, as the server has', () => {
    expect(container).toMatchObject({ Name: 'task', StopTimeout: 120, LinuxParameters: { InitProcessEnabled: true } });
  });

  test('opens no port and has no health to check', () => {
    expect(container).not.toHaveProperty('PortMappings.0');
    expect(container).not.toHaveProperty('HealthCheck');
  });

  test('has a writable root and no user of its own, which a session needs', () => {
    expect(container).not.toHaveProperty('ReadonlyRootFilesystem');
    expect(container).not.toHaveProperty('User');
  });

  test('writes to the log group of the server, into streams of its own', () => {
    const synthesized = serverAlone();
    expect(synthesized.extraContainer.LogConfiguration.Options).toMatchObject({
      'awslogs-group': { Ref: synthesized.resourceOf(synthesized.deployment.logGroup).logicalId }, 'awslogs-stream-prefix': 'task',
    });
    expect(synthesized.container.LogConfiguration.Options['awslogs-stream-prefix']).toBe('server');
  });

  test('has the image of the server', () => {
    expect(container.Image).toBe('tenzir/vast:v3.1.0');
    expect(containerWith({ image: ecs.ContainerImage.fromRegistry('example.org/engine:1') }).Image).toBe('example.org/engine:1');
  });

  test.each([
    ['v1.1.2', 'VAST_', 42000, undefined], ['v2.4.2', 'VAST_', 42000, '30s'], ['v3.1.0', 'VAST_', 5158, '30s'], ['v6.20.0', 'TENZIR_', 5158, '30s'],
    ['main', 'TENZIR_', 5158, '30s'],
  ])('of %s says in the engine\'s own words where the server is, how long to try it, and that an import waits for it', (name, prefix, port, timeout) => {
    expect(environmentOf({ version: VastVersion.of(name) })).toEqual({
      [`${prefix}ENDPOINT`]: `vast-server.vast.internal:${port}`,
      [`${prefix}IMPORT__BLOCKING`]: 'true',
      ...timeout && { [`${prefix}CONNECTION_TIMEOUT`]: timeout },
    });
  });

  test('has neither variables nor secrets of the server', () => {
    const stack = stackOfTests();
    const secret = ecs.Secret.fromSecretsManager(new secretsmanager.Secret(stack, 'Secret'));
    const { extraContainer } = serverAlone({ environment: { VAST_X: '1' }, secrets: { TOKEN: secret } }, stack);
    expect(extraContainer).not.toHaveProperty('Secrets');
    expect(JSON.stringify(extraContainer.Environment)).not.toContain('VAST_X');
  });
});

describe('the shell', () => {
  let directory: string;
  beforeAll(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'extra-task-'));
    // What stands in for the client shows what it is called with, one word a line.
    writeFileSync(path.join(directory, 'vast'), '#!/bin/sh\nprintf "%s\\n" "${VAST_ENDPOINT-unset}" "$@"\n');
    chmodSync(path.join(directory, 'vast'), 0o755);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  /** Runs a script as ECS does: the entry point, followed by the command, which is the script. */
  const run = (version: string, ...command: string[]) => {
    const { EntryPoint: [shell, ...args], Environment } = containerWith({ version: VastVersion.of(version) });
    const env = Object.fromEntries(Environment.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]));
    const { status, stdout } = spawnSync(shell, [...args, ...command], { env: { ...env, PATH: `${directory}:${process.env.PATH}` }, encoding: 'utf8' });
    return { status, stdout };
  };

  test('is all that is in front of the script', () => {
    expect(containerWith({}).EntryPoint).toEqual(['/bin/sh', '-c']);
    expect(containerWith({ version: VastVersion.of('v2.1.0') }).EntryPoint).toEqual(['/bin/sh', '-c']);
  });

  test('runs a script of several lines, and ends with its exit code', () => {
    expect(run('v3.1.0', 'vast count "a  b"\nexit 7')).toEqual({ status: 7, stdout: 'vast-server.vast.internal:5158\ncount\na  b\n' });
  });

  test('gives v2.0.0, which fails on an endpoint in its environment, the endpoint on the command line', () => {
    expect(run('v2.0.0', 'vast export json "a  b" | cat; vast status; exit 7')).toEqual({
      status: 7,
      stdout: 'unset\n--endpoint=vast-server.vast.internal:42000\nexport\njson\na  b\nunset\n--endpoint=vast-server.vast.internal:42000\nstatus\n',
    });
  });

  test.each(['v2.0.0', 'v3.1.0'])('hands every script of %s over as it is', (version) => {
    const { EntryPoint: [shell, ...args] } = containerWith({ version: VastVersion.of(version) });
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }).filter(text => !text.includes('\0')), (text) => {
      const script = `printf %s '${text.replaceAll("'", "'\\''")}'`;
      expect(spawnSync(shell, [...args, script], { encoding: 'utf8' })).toMatchObject({ status: 0, stdout: text });
    }), { numRuns: 30 });
  });

  test('waits for an hour where there is no script, and heeds SIGTERM', () => {
    const { Command } = containerWith({});
    expect(Command).toEqual(['exec sleep 3600']);
    const { signal } = spawnSync('/bin/sh', ['-c', ...Command], { timeout: 300, killSignal: 'SIGTERM' });
    expect(signal).toBe('SIGTERM');
  });
});

describe('its sessions', () => {
  const rightsIn = (cluster?: (stack: Stack) => ecs.ICluster, ofTask = (deployment: VastDeployment) => deployment.extraTaskDefinition) => {
    const stack = stackOfTests();
    const { template, deployment } = serverAlone({ cluster: cluster?.(stack) }, stack);
    const { Ref: role } = stack.resolve(ofTask(deployment).taskRole.roleName);
    const policies = template.findResources('AWS::IAM::Policy', { Properties: { Roles: [{ Ref: role }] } });
    return statementsOf(policies as Parameters<typeof statementsOf>[0])
      .filter(({ Action }) => !JSON.stringify(Action).includes('ssmmessages:'));
  };
  const vpcOf = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'V', { vpcId: 'vpc-1', availabilityZones: ['a'] });

  test('are not recorded in the cluster that the deployment makes, and take no further right', () => {
    expect(rightsIn()).toEqual([]);
  });

  test('may be recorded to the log group of the container, where the cluster says nothing else', () => {
    const statements = rightsIn(stack => new ecs.Cluster(stack, 'Theirs', { vpc: vpcOf(stack) }));
    expect(statements.map(({ Action }) => Action)).toEqual([
      'logs:DescribeLogGroups', ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    ]);
    expect(JSON.stringify(statements[1].Resource)).toMatch(/:log-group:",\{"Ref":"VastServerLogGroup\w+"\},":\*"/);
  });

  test('may be encrypted with the key of the cluster, and recorded where it says', () => {
    const statements = rightsIn(stack => new ecs.Cluster(stack, 'Theirs', {
      vpc: vpcOf(stack),
      executeCommandConfiguration: {
        kmsKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-central-1:111111111111:key/k'),
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { s3Bucket: s3.Bucket.fromBucketName(stack, 'Records', 'records'), s3EncryptionEnabled: true },
      },
    }));
    expect(statements.map(({ Action, Resource }) => [Action, JSON.stringify(Resource)])).toEqual([
      ['kms:Decrypt', '"arn:aws:kms:eu-central-1:111111111111:key/k"'],
      ['s3:GetBucketLocation', '"*"'],
      ['s3:PutObject', expect.stringContaining(':s3:::records/*')],
      ['s3:GetEncryptionConfiguration', expect.stringContaining(':s3:::records"')],
    ]);
  });

  test('may be recorded in a bucket that has a key of its own', () => {
    const arn = 'arn:aws:kms:eu-central-1:111111111111:key/records';
    const recording = (stack: Stack) => new ecs.Cluster(stack, 'Theirs', {
      vpc: vpcOf(stack),
      executeCommandConfiguration: {
        logging: ecs.ExecuteCommandLogging.OVERRIDE,
        logConfiguration: { s3Bucket: new s3.Bucket(stack, 'Records', { encryptionKey: kms.Key.fromKeyArn(stack, 'Key', arn) }) },
      },
    });
    const rights = { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: arn };
    expect(rightsIn(recording)).toContainEqual(rights);
    expect(rightsIn(recording, deployment => deployment.taskDefinition)).toContainEqual(rights);
  });
});
