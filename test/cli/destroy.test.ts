import { destroy } from '../../src/cli/commands/destroy';
import { UserError } from '../../src/cli/errors';
import { STACK_DESCRIPTION } from '../../src/cli/settings';
import { CALLER } from '../runtime/doctor/aws-endpoint';
import { definition, inSubnet } from '../runtime/server/fake-ecs';
import { FakeServer, stackWith } from '../runtime/server/fake-server';

let fake: FakeServer;
afterEach(() => fake.close());

test('a stack that vast-cloud has not created is refused, also one with a deployment in it', async () => {
  fake = await FakeServer.open({ GetCallerIdentity: () => CALLER, DescribeStacks: () => stackWith('An app of my own', 'CREATE_COMPLETE') });
  Object.assign(process.env, { AWS_ENDPOINT_URL: fake.aws.endpoint, VAST_AWS_REGION: 'eu-west-1' });
  await expect(destroy({ force: true, quiet: true })).rejects.toThrow(new UserError('the stack VastCloud was not created by vast-cloud, and destroy would '
    + 'delete everything in it: destroy it with the CDK app that it is from (npx cdk destroy VastCloud), or set another VAST_STACK_NAME'));
});

// A group of GuardDuty's ends it before anything is handed to CloudFormation.
test('a deployment whose service is deleted already, by a destruction that has failed, is drained again', async () => {
  fake = await FakeServer.open({
    GetCallerIdentity: () => CALLER,
    DescribeStacks: () => stackWith(STACK_DESCRIPTION, 'DELETE_FAILED'),
    DescribeVpcEndpoints: () => '<DescribeVpcEndpointsResponse/>',
    DescribeSecurityGroups: () => '<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-2</groupId>'
      + '<groupName>GuardDutyManagedSecurityGroup-vpc-1</groupName></item></securityGroupInfo></DescribeSecurityGroupsResponse>',
  });
  Object.assign(process.env, { AWS_ENDPOINT_URL: fake.aws.endpoint, VAST_AWS_REGION: 'eu-west-1' });
  fake.ecs.deleted = true;
  const task = fake.ecs.add({ group: 'family:Extra', taskDefinitionArn: definition('Extra'), lastStatus: 'RUNNING', life: [], attachments: inSubnet('subnet-1') });
  await expect(destroy({ force: true, quiet: true })).rejects.toThrow('The tasks are stopped, and nothing was destroyed.');
  expect(task.lastStatus).toBe('STOPPED');
});
