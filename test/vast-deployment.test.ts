import { App, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_logs as logs, aws_s3 as s3, Stack, Stage } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { actionsOf, statementsOf } from './policy-statements';
import { CIDR, ENV, refusalOf, rootOfTests, stackOfTests, SynthesizedDeployment, TemplateResource } from './synthesized-deployment';
import { VastDeployment, VastStorage, VastVersion } from '../src';

describe('what is refused', () => {
  test('all that is wrong is said in one error, which begins with the path of the construct', () => {
    const stack = stackOfTests({ env: ENV });
    const peer = ec2.Vpc.fromVpcAttributes(stack, 'Peer', { vpcId: 'vpc-059a7ec8', availabilityZones: ['eu-central-1a'], vpcCidrBlock: '172.31.0.0/16' });
    const [head, ...problems] = refusalOf({
      peeredVpc: peer,
      storage: VastStorage.attached({ sizeGiB: 1 }),
      cpu: 3,
      environment: { VAST_ENDPOINT: 'x' },
      engineConfiguration: { tenzir: {} },
    }, stack).split('\n');
    expect(head).toBe('Stack/Vast: 6 problems');
    expect(problems.map(line => line.slice(0, 4))).toEqual(problems.map(() => '  - '));
    for (const [index, word] of ['overlaps', 'route table', 'attached storage', 'cpu of 3', 'VAST_ENDPOINT', 'engineConfiguration'].entries()) {
      expect(problems[index]).toContain(word);
    }
  });

  test('a single problem stands in one line', () => {
    expect(refusalOf({ cidr: '172.31.48.7/24' })).toBe("Stack/Vast: cidr '172.31.48.7/24' has host bits set: did you mean '172.31.48.0/24'?");
  });

  test('nothing is created before', () => {
    const stack = stackOfTests();
    refusalOf({ cidr: 'x' }, stack);
    expect(stack.node.findChild('Vast').node.children).toEqual([]);
  });
});

describe('several deployments', () => {
  test('two in one stack have resources and outputs of their own', () => {
    const stack = stackOfTests();
    const first = new SynthesizedDeployment({}, stack);
    const second = new VastDeployment(stack, 'Second', { cidr: '172.31.49.0/24' });
    first.template.resourceCountIs('AWS::ECS::Service', 2);
    first.template.resourceCountIs('AWS::EFS::FileSystem', 2);
    expect(Object.keys(first.template.findOutputs('*'))).toHaveLength(2);
    expect(second.serverHostname).toBe('vast-server.second.internal');
    expect(stack.resolve(second.serviceName)).not.toEqual(stack.resolve(first.deployment.serviceName));
  });

  test('one in a stage of a pipeline', () => {
    const stage = new Stage(rootOfTests(), 'Prod', { env: ENV });
    const synthesized = new SynthesizedDeployment({}, new Stack(stage, 'Stack'));
    synthesized.template.resourceCountIs('AWS::ECS::Service', 1);
  });
});

describe('who may connect', () => {
  test('whoever connections is told about, on the engine\'s port by default', () => {
    const synthesized = new SynthesizedDeployment({ version: VastVersion.V2_4_2 });
    const client = new ec2.SecurityGroup(synthesized.stack, 'Client', { vpc: synthesized.deployment.vpc });
    synthesized.deployment.connections.allowDefaultPortFrom(client);
    const ours = synthesized.stack.resolve(synthesized.deployment.connections.securityGroups[0].securityGroupId);
    synthesized.template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: ours, SourceSecurityGroupId: synthesized.stack.resolve(client.securityGroupId), FromPort: 42000, ToPort: 42000, IpProtocol: 'tcp',
    });
  });

  test('a group of the peered VPC is named once the two are connected', () => {
    const stack = stackOfTests();
    const peeredVpc = new ec2.Vpc(stack, 'Peer', { ipAddresses: ec2.IpAddresses.cidr('10.0.0.0/16') });
    const synthesized = new SynthesizedDeployment({ peeredVpc }, stack);
    synthesized.deployment.connections.allowDefaultPortFrom(new ec2.SecurityGroup(stack, 'Clients', { vpc: peeredVpc }));
    const rule = Object.values(synthesized.all('AWS::EC2::SecurityGroupIngress'))
      .find(({ Properties }) => JSON.stringify(Properties.SourceSecurityGroupId).includes('Clients'));
    expect(rule!.DependsOn).toContain(synthesized.only('AWS::EC2::VPCPeeringConnection').logicalId);
  });

  test('nobody else: no rule lets the world in', () => {
    const synthesized = new SynthesizedDeployment();
    const rules = [
      ...Object.values(synthesized.all('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []),
      ...Object.values(synthesized.all('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties),
    ];
    expect(rules).toHaveLength(4);
    for (const rule of rules) {
      expect(JSON.stringify(rule)).not.toMatch(/0\.0\.0\.0\/0|::\/0/);
      expect(rule.IpProtocol).toBe('tcp');
      expect(rule.FromPort).toBe(rule.ToPort);
    }
  });

  test('the server itself reaches what speaks HTTPS and its file system, and no more', () => {
    const synthesized = new SynthesizedDeployment();
    const group = Object.values(synthesized.all('AWS::EC2::SecurityGroup')).find(({ Properties }) => Properties.GroupDescription === 'VAST server')!;
    expect(group.Properties.SecurityGroupEgress).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443, IpProtocol: 'tcp' })]);
    const ours = synthesized.stack.resolve(synthesized.deployment.connections.securityGroups[0].securityGroupId);
    const further = Object.values(synthesized.all('AWS::EC2::SecurityGroupEgress'))
      .filter(({ Properties: { GroupId } }) => JSON.stringify(GroupId) === JSON.stringify(ours));
    expect(further.map(({ Properties: { FromPort, ToPort } }) => [FromPort, ToPort])).toEqual([[2049, 2049]]);
  });
});

describe('rights', () => {
  test('every statement names its resource, but where there is none to name yet, or AWS documents all of them', () => {
    const everything = statementsOf(new SynthesizedDeployment({ flowLogs: {}, storage: VastStorage.efs({ automaticBackups: true }) }).all('AWS::IAM::Policy'))
      .filter(({ Effect, Resource }) => Effect === 'Allow' && [Resource].flat().some(resource => typeof resource === 'string' && resource.includes('*')));
    const session = {
      Effect: 'Allow',
      Action: ['ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel'],
      Resource: '*',
    };
    expect(everything).toEqual([
      session,
      session,
      {
        Effect: 'Allow',
        Action: ['ecs:DescribeServices', 'ecs:UpdateService', 'ecs:ListTasks', 'ecs:DescribeTasks', 'ecs:StopTask'],
        Resource: '*',
        Condition: { ArnEquals: { 'ecs:cluster': expect.anything() } },
      },
      {
        Effect: 'Allow',
        Action: [
          'ec2:CreateNetworkInterface', 'ec2:DescribeNetworkInterfaces', 'ec2:DescribeSubnets', 'ec2:DeleteNetworkInterface',
          'ec2:AssignPrivateIpAddresses', 'ec2:UnassignPrivateIpAddresses',
        ],
        Resource: '*',
      },
    ]);
  });

  test('no statement has a wildcard among its actions', () => {
    expect(statementsOf(new SynthesizedDeployment().all('AWS::IAM::Policy')).flatMap(actionsOf).filter(action => action.includes('*'))).toEqual([]);
  });

  test('as a grantee, the deployment is the role of the server', () => {
    const synthesized = new SynthesizedDeployment();
    const bucket = new s3.Bucket(synthesized.stack, 'Bucket');
    bucket.grantRead(synthesized.deployment);
    const policy = Object.entries(synthesized.all('AWS::IAM::Policy')).find(([, each]) => JSON.stringify(each).includes('s3:GetObject'))!;
    expect(policy[1].Properties.Roles).toEqual([synthesized.stack.resolve(synthesized.deployment.serverRole.roleName)]);
    expect(synthesized.taskDefinition.Properties.TaskRoleArn).toEqual(synthesized.stack.resolve(synthesized.deployment.serverRole.roleArn));
  });
});

const importInto = (stack: Stack, logGroup?: logs.ILogGroup) => VastDeployment.fromVastDeploymentAttributes(stack, 'Imported', {
  clusterName: 'theCluster',
  serviceName: 'theService',
  serverHostname: 'vast-server.vast.internal',
  serverPort: 5158,
  securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123'),
  logGroup,
});

describe('a deployment that was defined elsewhere', () => {
  test('creates nothing', () => {
    const stack = stackOfTests({ env: ENV });
    importInto(stack);
    expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
  });

  test('answers as the deployment itself does', () => {
    const imported = importInto(stackOfTests({ env: ENV }));
    expect(imported).toMatchObject({
      clusterName: 'theCluster', serviceName: 'theService', serverPort: 5158, serverEndpoint: 'vast-server.vast.internal:5158',
    });
    expect(imported.metricCpuUtilization().dimensions).toEqual({ ClusterName: 'theCluster', ServiceName: 'theService' });
  });

  test('lets clients in on its port', () => {
    const stack = stackOfTests({ env: ENV });
    const imported = importInto(stack);
    imported.connections.allowDefaultPortFrom(ec2.Peer.ipv4('10.0.0.0/16'), 'the peered VPC');
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      GroupId: 'sg-0123', CidrIp: '10.0.0.0/16', FromPort: 5158, ToPort: 5158,
    });
  });

  test.each([[true], [false]])('can be operated; the log group is known: %p', (known) => {
    const stack = stackOfTests({ env: ENV });
    const imported = importInto(stack, known ? logs.LogGroup.fromLogGroupName(stack, 'Logs', '/the/logs') : undefined);
    const role = new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
    imported.grantOperate(role);
    const statements = statementsOf(Template.fromStack(stack).findResources('AWS::IAM::Policy') as { [id: string]: TemplateResource });
    const text = JSON.stringify(statements);
    expect(text).toContain(`:ecs:${ENV.region}:${ENV.account}:service/theCluster/theService`);
    expect(text.includes('logs:FilterLogEvents')).toBe(known);
    expect(statements.flatMap(actionsOf)).not.toContain('cloudformation:DescribeStacks');
  });

  test('gives a shell, and no one-off tasks, of which it does not know', () => {
    const stack = stackOfTests({ env: ENV });
    const role = new iam.Role(stack, 'Operator', { assumedBy: new iam.AccountRootPrincipal() });
    importInto(stack).grantExecute(role).assertSuccess();
    const statements = statementsOf(Template.fromStack(stack).findResources('AWS::IAM::Policy') as { [id: string]: TemplateResource });
    expect(statements.flatMap(actionsOf).sort()).toEqual(['ecs:DescribeTasks', 'ecs:ExecuteCommand', 'ecs:ListTasks', 'ecs:StopTask']);
    expect(JSON.stringify(statements)).toContain(`:ecs:${ENV.region}:${ENV.account}:task/theCluster/*`);
  });
});

describe('metrics', () => {
  const synthesized = new SynthesizedDeployment();

  test('are those of the ECS service, averages of five minutes', () => {
    const metric = synthesized.deployment.metricCpuUtilization();
    expect(synthesized.stack.resolve({ ...metric.toMetricConfig().metricStat, account: undefined, region: undefined })).toMatchObject({
      namespace: 'AWS/ECS', metricName: 'CPUUtilization', statistic: 'Average',
    });
    expect(metric.period.toMinutes()).toBe(5);
    expect(synthesized.stack.resolve(metric.dimensions)).toEqual({
      ClusterName: { Ref: synthesized.only('AWS::ECS::Cluster').logicalId },
      ServiceName: { 'Fn::GetAtt': [synthesized.only('AWS::ECS::Service').logicalId, 'Name'] },
    });
    expect(synthesized.deployment.metricMemoryUtilization().metricName).toBe('MemoryUtilization');
  });

  test('take CDK\'s options', () => {
    expect(synthesized.deployment.metric('RunningTaskCount', { statistic: 'Maximum' }).statistic).toBe('Maximum');
  });
});

test('a key of one\'s own on everything that CDK lets encrypt does not widen a right', () => {
  const stack = stackOfTests();
  const synthesized = new SynthesizedDeployment({ storage: VastStorage.efs({ kmsKey: new kms.Key(stack, 'Key') }) }, stack);
  expect(statementsOf(synthesized.all('AWS::IAM::Policy')).flatMap(actionsOf).filter(action => action.startsWith('kms:'))).toEqual([]);
});

test('the deployment hands out its parts as L2 constructs', () => {
  const { deployment } = new SynthesizedDeployment({ cidr: CIDR }, new Stack(new App(), 'Stack'));
  expect(deployment.vpc.privateSubnets.map(subnet => subnet.node.path)).toEqual([deployment.vastSubnet.node.path]);
  expect(deployment.vpc.publicSubnets.map(subnet => subnet.node.path)).toEqual([deployment.gatewaySubnet.node.path]);
  expect(deployment.service.taskDefinition).toBe(deployment.taskDefinition);
  expect(deployment.service.cluster).toBe(deployment.cluster);
  expect(deployment.taskDefinition.taskRole).toBe(deployment.serverRole);
  expect(deployment.version).toBe(VastVersion.V3_1_0);
});
