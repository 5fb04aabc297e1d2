import { deploy } from '../../src/cli/commands/deploy';
import { UserError } from '../../src/cli/errors';
import { CALLER, regions, vpcs } from '../runtime/doctor/aws-endpoint';
import { FakeServer, stackWith } from '../runtime/server/fake-server';

let fake: FakeServer;
afterEach(() => fake.close());

const VARIABLES = { VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '172.31.48.0/24', VAST_CLIENT_IMAGE: 'none' };

/** What deploy refuses; it has changed nothing then. */
async function refusal(): Promise<Error> {
  Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL: fake.aws.endpoint });
  const error = await deploy({ autoApprove: true, quiet: true }).then(() => new Error('it has deployed'), (thrown: Error) => thrown);
  expect(fake.aws.inputsOf('CreateChangeSet')).toEqual([]);
  return error;
}

test('everything that is wrong with what is in AWS is listed at once, a stack of somebody else first', async () => {
  fake = await FakeServer.open({
    GetCallerIdentity: () => CALLER,
    DescribeRegions: () => regions({ 'eu-west-1': 'opt-in-not-required' }),
    DescribeStacks: () => stackWith('An app of my own', 'CREATE_COMPLETE', { serverHostname: 'vast-server.soc.example.org', fileSystemId: 'fs-1', fileSystemInStack: true }),
    DescribeVpcs: () => vpcs({ 'vpc-1': ['10.9.0.0/24'] }),
    DescribeSubnets: () => '<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId><availabilityZone>eu-west-1a</availabilityZone></item></subnetSet></DescribeSubnetsResponse>',
  });
  const error = await refusal();
  expect(error).toBeInstanceOf(UserError);
  expect(error.message.split('\n')).toEqual([
    'the stack VastCloud was not created by vast-cloud, and deploy would replace everything in it: set another VAST_STACK_NAME',
    'the network of VastCloud cannot be changed while it is deployed: VAST_CIDR is 172.31.48.0/24, but its VPC has 10.9.0.0/24',
    expect.stringContaining('keep what it has, or move it'),
    expect.stringContaining('the server of VastCloud is vast-server.soc.example.org, and would become vast-server.vast.internal'),
  ]);
}, 60_000);

test('a region that there is not is refused by its name', async () => {
  fake = await FakeServer.open({ GetCallerIdentity: () => CALLER, DescribeRegions: () => regions({ 'us-east-1': 'opt-in-not-required' }) });
  expect((await refusal()).message).toContain('AWS has no region eu-west-1: set VAST_AWS_REGION to one of aws ec2 describe-regions');
}, 60_000);
