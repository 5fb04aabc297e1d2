import { aws_ec2 as ec2, aws_ecs as ecs, Stack } from 'aws-cdk-lib';
import { stackOfTests, SynthesizedDeployment } from '../synthesized-deployment';

const synthesized = new SynthesizedDeployment();
const drain = synthesized.only('Custom::VastTaskDrain');

test('the service is created after it, and deleted before it', () => {
  expect(synthesized.only('AWS::ECS::Service').DependsOn).toContain(drain.logicalId);
  expect(JSON.stringify(drain.Properties)).not.toContain('"Ref":"VastServerService');
  expect(drain.Properties.ServiceLogicalId).toBe(synthesized.only('AWS::ECS::Service').logicalId);
});

test.each([
  'AWS::EFS::MountTarget', 'AWS::EFS::AccessPoint', 'AWS::EC2::NatGateway', 'AWS::ServiceDiscovery::Service', 'AWS::EC2::SecurityGroupEgress',
  'AWS::ECS::Cluster', 'AWS::Logs::LogGroup',
])('what a task needs is deleted after it: %s', (type) => {
  const resources = synthesized.template.toJSON().Resources as { [id: string]: { Type: string; DependsOn?: string[] } };
  const reached = new Set<string>();
  for (const pending = [drain.logicalId]; pending.length > 0;) {
    const id = pending.pop()!;
    const text = JSON.stringify({ ...resources[id], DependsOn: undefined });
    const refers = (other: string) => resources[id].DependsOn?.includes(other)
      || text.includes(`{"Ref":"${other}"}`) || text.includes(`{"Fn::GetAtt":["${other}"`);
    pending.push(...Object.keys(resources).filter(other => !reached.has(other) && refers(other)));
    reached.add(id);
  }
  expect([...reached].map(id => resources[id].Type)).toContain(type);
  expect(reached).not.toContain(synthesized.only('AWS::ECS::Service').logicalId);
});

test('the service is found by the logical id that it has been given later', () => {
  const overridden = new SynthesizedDeployment();
  (overridden.deployment.service.node.defaultChild as ecs.CfnService).overrideLogicalId('Renamed');
  expect(overridden.only('AWS::ECS::Service').logicalId).toBe('Renamed');
  expect(overridden.only('Custom::VastTaskDrain').Properties.ServiceLogicalId).toBe('Renamed');
  expect(overridden.only('AWS::ECS::Service').DependsOn).toContain(overridden.only('Custom::VastTaskDrain').logicalId);
});

describe('another cluster has a policy of its own, so that the old one is there until the old service is gone', () => {
  const policyWith = (clusterIn?: (stack: Stack) => ecs.ICluster) => {
    const stack = stackOfTests();
    const ids = Object.keys(new SynthesizedDeployment(clusterIn && { cluster: clusterIn(stack) }, stack).all('AWS::IAM::Policy'));
    return ids.find(id => id.startsWith('VastTaskDrainIn'));
  };
  const vpcIn = (stack: Stack) => ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'] });
  const named = (clusterName: string, id = 'Cluster') => policyWith(stack =>
    ecs.Cluster.fromClusterAttributes(stack, id, { clusterName, vpc: vpcIn(stack) }));
  const ofStack = (name: string) => policyWith(({ node }) => {
    const stack = new Stack(node.scope, name);
    return new ecs.Cluster(stack, 'Cluster', { vpc: vpcIn(stack) });
  });

  test.each([
    ['the deployment\'s own and one of the user', policyWith(), named('one')],
    ['names that differ in punctuation', named('one-two'), named('onetwo')],
    ['clusters of two stacks, with the same logical id', ofStack('One'), ofStack('Two')],
  ])('%s', (_what, one, other) => {
    expect(one).toBeDefined();
    expect(other).toBeDefined();
    expect(one).not.toBe(other);
  });

  test('the same cluster has the same one', () => {
    expect(named('one', 'ById')).toBe(named('one'));
    expect(ofStack('One')).toBe(ofStack('One'));
    expect(policyWith()).toBe(policyWith());
  });
});
