import { aws_ec2 as ec2, aws_ecs as ecs, aws_kms as kms } from 'aws-cdk-lib';
import { actionsOf, granted } from './policy-statements';
import { stackOfTests, SynthesizedDeployment } from './synthesized-deployment';

describe('grantOperate', () => {
  const synthesized = new SynthesizedDeployment();
  const { result, statements } = granted(synthesized, role => synthesized.deployment.grantOperate(role));

  test('starts, stops, observes and reads the logs, and does nothing else', () => {
    expect(statements.flatMap(actionsOf).sort()).toEqual([
      'cloudformation:DescribeStacks',
      'ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:ListTasks', 'ecs:StopTask', 'ecs:UpdateService',
      'logs:FilterLogEvents', 'logs:GetLogEvents', 'logs:GetLogGroupFields', 'logs:DescribeLogGroups', 'logs:DescribeLogStreams',
    ].sort());
  });

  test('says of every right what it is for: only the list of tasks has a condition instead of a resource', () => {
    const unscoped = statements.filter(({ Resource }) => [Resource].flat().includes('*'));
    expect(unscoped.map(actionsOf)).toEqual([['ecs:ListTasks']]);
    const [{ Condition }] = unscoped;
    expect(JSON.stringify(Condition)).toContain(synthesized.only('AWS::ECS::Cluster').logicalId);
    expect(Object.keys(Condition!)).toEqual(['ArnEquals']);
  });

  test('names this service, the tasks of this cluster, this log group and this stack', () => {
    const resourceOf = (action: string) => JSON.stringify(statements.find(statement => actionsOf(statement).includes(action))!.Resource);
    const [cluster, service] = ['AWS::ECS::Cluster', 'AWS::ECS::Service'].map(type => synthesized.only(type).logicalId);
    expect(resourceOf('ecs:UpdateService')).toMatch(new RegExp(`:service/.*${cluster}.*${service}`));
    expect(resourceOf('ecs:StopTask')).toMatch(new RegExp(`:task/.*${cluster}.*/\\*`));
    expect(resourceOf('logs:FilterLogEvents')).toContain(synthesized.stack.resolve(synthesized.deployment.logGroup.logGroupArn)['Fn::GetAtt'][0]);
    expect(JSON.parse(resourceOf('cloudformation:DescribeStacks'))).toEqual({ Ref: 'AWS::StackId' });
  });

  test('starts and stops, and does not put another task definition in its place', () => {
    const { Condition } = statements.find(statement => actionsOf(statement).includes('ecs:UpdateService'))!;
    expect(Condition).toEqual({ Null: { 'ecs:task-definition': 'true', 'ecs:capacity-provider': 'true', 'ecs:namespace': 'true' } });
    expect(statements.find(statement => actionsOf(statement).includes('ecs:DescribeServices'))).not.toHaveProperty('Condition');
  });

  test('gives no way into the server', () => {
    expect(JSON.stringify(statements)).not.toMatch(/ExecuteCommand|RunTask|ssm:|PassRole/);
  });

  test('is a grant that can be asked whether it succeeded', () => {
    expect(result.success).toBe(true);
    expect(result.principalStatements).toHaveLength(6);
  });
});

describe('grantExecute', () => {
  const synthesized = new SynthesizedDeployment();
  const { result, statements } = granted(synthesized, role => synthesized.deployment.grantExecute(role));
  const statementOf = (action: string) => statements.find(statement => actionsOf(statement).includes(action))!;
  const cluster = synthesized.only('AWS::ECS::Cluster').logicalId;
  const arn = (resource: string, ...parts: unknown[]) => ({
    'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:${resource}/`, ...parts]],
  });

  test('gives a shell, one-off tasks and what it takes to find both, and does nothing else', () => {
    expect(result.success).toBe(true);
    expect(statements.flatMap(actionsOf).sort()).toEqual([
      'cloudformation:DescribeStacks', 'ecs:DescribeTasks', 'ecs:ExecuteCommand', 'ecs:ListTasks', 'ecs:RunTask', 'ecs:StopTask', 'ecs:TagResource',
      'iam:PassRole',
    ]);
  });

  test('a shell is on this cluster and its tasks, which AWS both asks for', () => {
    expect(statementOf('ecs:ExecuteCommand').Resource).toEqual([arn('cluster', { Ref: cluster }), arn('task', { Ref: cluster }, '/*')]);
  });

  test('a task may be run from every revision of the extra definition, in this cluster only', () => {
    const { Resource, Condition } = statementOf('ecs:RunTask');
    const { Family } = synthesized.resourceOf(synthesized.deployment.extraTaskDefinition).Properties;
    expect(Resource).toEqual({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':ecs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, `:task-definition/${Family}:*`]],
    });
    expect(Condition).toEqual({ ArnEquals: { 'ecs:cluster': arn('cluster', { Ref: cluster }) } });
  });

  test('a one-off task may be tagged while it is made', () => {
    expect(statementOf('ecs:TagResource')).toMatchObject({
      Resource: arn('task', { Ref: cluster }, '/*'), Condition: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
    });
  });

  test('has the key with which a cluster encrypts its sessions', () => {
    const stack = stackOfTests();
    const key = new kms.Key(stack, 'Key');
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'V', { vpcId: 'vpc-1', availabilityZones: ['a'] });
    const encrypting = new SynthesizedDeployment({ cluster: new ecs.Cluster(stack, 'Theirs', { vpc, executeCommandConfiguration: { kmsKey: key } }) }, stack);
    const { statements: all } = granted(encrypting, role => encrypting.deployment.grantExecute(role));
    expect(all.find(statement => actionsOf(statement).includes('kms:GenerateDataKey'))).toMatchObject({ Resource: stack.resolve(key.keyArn) });
  });

  test('its two roles, and no others, may be passed, and only to ECS', () => {
    const { TaskRoleArn, ExecutionRoleArn } = synthesized.resourceOf(synthesized.deployment.extraTaskDefinition).Properties;
    const { Resource, Condition } = statementOf('iam:PassRole');
    expect(Resource).toEqual([TaskRoleArn, ExecutionRoleArn]);
    expect(Resource).not.toContainEqual(synthesized.taskDefinition.Properties.TaskRoleArn);
    expect(Condition).toEqual({ StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } });
  });

  test('with grantOperate, a principal has every right once', () => {
    const both = new SynthesizedDeployment();
    const { statements: all } = granted(both, role => both.deployment.grantOperate(role).combine(both.deployment.grantExecute(role)));
    const actions = all.flatMap(actionsOf);
    expect(actions.filter((action, index) => actions.indexOf(action) !== index)).toEqual([]);
    expect(actions).toEqual(expect.arrayContaining(['ecs:UpdateService', 'ecs:ExecuteCommand', 'logs:FilterLogEvents']));
  });
});
