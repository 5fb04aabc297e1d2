import { destroy } from '../../src/cli/commands/destroy';
import { STACK_DESCRIPTION } from '../../src/cli/settings';
import { CALLER } from '../runtime/doctor/aws-endpoint';
import { definition, inSubnet } from '../runtime/server/fake-ecs';
import { DEPLOYMENT, FakeServer } from '../runtime/server/fake-server';

let fake: FakeServer;
afterEach(() => fake.close());

// A group of GuardDuty's ends it before anything is handed to CloudFormation.
test('a deployment whose service is deleted already, by a destruction that has failed, is drained again', async () => {
  fake = await FakeServer.open({
    GetCallerIdentity: () => CALLER,
    DescribeStacks: () => '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>VastCloud</StackName><StackStatus>DELETE_FAILED</StackStatus>'
      + `<Description>${STACK_DESCRIPTION}</Description><Outputs><member><OutputKey>Vast</OutputKey>`
      + `<OutputValue>${JSON.stringify(DEPLOYMENT).replaceAll('"', '&quot;')}</OutputValue></member></Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
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
