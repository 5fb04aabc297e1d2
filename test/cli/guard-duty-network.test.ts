import { UserError } from '../../src/cli/errors';
import { refuseGuardDutyNetwork } from '../../src/cli/guard-duty-network';
import { Answer, AwsEndpoint, failure } from '../runtime/doctor/aws-endpoint';
import { DEPLOYMENT } from '../runtime/server/fake-server';

const endpoints = (...items: [id: string, service: string, state: string][]) => `<DescribeVpcEndpointsResponse><vpcEndpointSet>${items.map(([id, service, state]) =>
  `<item><vpcEndpointId>${id}</vpcEndpointId><serviceName>com.amazonaws.eu-west-1.${service}</serviceName><state>${state}</state></item>`).join('')
}</vpcEndpointSet></DescribeVpcEndpointsResponse>`;
const groups = (names: { [id: string]: string }) => `<DescribeSecurityGroupsResponse><securityGroupInfo>${Object.entries(names).map(([id, name]) =>
  `<item><groupId>${id}</groupId><groupName>${name}</groupName></item>`).join('')}</securityGroupInfo></DescribeSecurityGroupsResponse>`;

const before = { ...process.env };
afterEach(() => { process.env = { ...before }; });

async function refused(answers: { [action: string]: Answer }): Promise<unknown> {
  const aws = await AwsEndpoint.open(answers);
  try {
    const connection = aws.connect();
    // From now on the connection has its credentials, and no keys of the environment win over the profile.
    await connection.use('sts', async () => undefined);
    delete process.env.AWS_ACCESS_KEY_ID;
    process.env.AWS_PROFILE = 'prod';
    return await refuseGuardDutyNetwork(connection, DEPLOYMENT).then(() => undefined, (error: unknown) => error);
  } finally {
    await aws.close();
  }
}

const OURS = { DescribeVpcEndpoints: endpoints(['vpce-s3', 's3', 'available']), DescribeSecurityGroups: groups({ 'sg-1': 'VastCloud-VastClientSecurityGroup' }) };

test('what GuardDuty has left in the VPC is named, with the commands that delete it', async () => {
  const error = await refused({
    DescribeVpcEndpoints: endpoints(['vpce-s3', 's3', 'available'], ['vpce-1', 'guardduty-data', 'available']),
    DescribeSecurityGroups: groups({ 'sg-1': 'VastCloud-VastClientSecurityGroup', 'sg-2': 'GuardDutyManagedSecurityGroup-vpc-1' }),
  });
  expect(error).toBeInstanceOf(UserError);
  const [head, ...commands] = (error as Error).message.split('\n');
  expect(head).toContain('GuardDuty Runtime Monitoring has put vpce-1, sg-2 into vpc-1');
  expect(commands).toEqual([
    '  aws ec2 delete-vpc-endpoints --vpc-endpoint-ids vpce-1 --region eu-west-1 --profile prod',
    '  aws ec2 delete-security-group --group-id sg-2 --region eu-west-1 --profile prod',
  ]);
});

test('a group that is left alone is named, too, and an endpoint that is about to go is not', async () => {
  const error = await refused({
    DescribeVpcEndpoints: endpoints(['vpce-1', 'guardduty-data', 'deleting']), DescribeSecurityGroups: groups({ 'sg-2': 'GuardDutyManagedSecurityGroup-vpc-1' }),
  });
  expect((error as Error).message.split('\n').slice(1)).toEqual(['  aws ec2 delete-security-group --group-id sg-2 --region eu-west-1 --profile prod']);
});

test('what is the deployment\'s own is in nobody\'s way', async () => {
  expect(await refused(OURS)).toBeUndefined();
});

test('whoever may not look may destroy all the same', async () => {
  expect(await refused({ ...OURS, DescribeVpcEndpoints: { status: 403, body: failure('UnauthorizedOperation', 'no') } })).toBeUndefined();
});
