import { refuseUnfitPeer } from '../../src/cli/peered-vpc';
import { readSettings } from '../../src/cli/settings';
import { AwsEndpoint, failure, vpcs } from '../runtime/doctor/aws-endpoint';

const SUBNETS = '<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId></item></subnetSet></DescribeSubnetsResponse>';
const VPC = 'vpc-0123456789abcdef0';

let aws: AwsEndpoint;
afterEach(async () => aws.close());

async function refusal(answers: Record<string, string | { status: number; body: string }>, cidr = '172.31.48.0/24') {
  aws = await AwsEndpoint.open({ DescribeVpcs: vpcs({ [VPC]: ['10.0.0.0/16', '10.9.0.0/24'] }), DescribeSubnets: SUBNETS, ...answers });
  const settings = readSettings({ VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: VPC, VAST_CIDR: cidr });
  return refuseUnfitPeer(aws.connect(), settings, '111111111111').then(() => undefined, (error: Error) => `${error.name}: ${error.message}`);
}

test('a fit one passes', async () => {
  expect(await refusal({})).toBeUndefined();
});

test('one that is not there', async () => {
  expect(await refusal({ DescribeVpcs: { status: 400, body: failure('InvalidVpcID.NotFound', VPC) } })).toMatch(/^UserError: there is no VPC .*set VAST_PEERED_VPC_ID/);
});

test('one without subnets', async () => {
  expect(await refusal({ DescribeSubnets: '<DescribeSubnetsResponse><subnetSet/></DescribeSubnetsResponse>' }))
    .toBe(`UserError: VAST_PEERED_VPC_ID=${VPC} has no subnet, so nothing in it could reach the server: set it to a VPC that has one, or to none`);
});

test('one of another account', async () => {
  const shared = vpcs({ [VPC]: ['10.0.0.0/16'] }).replace('<state>', '<ownerId>222222222222</ownerId><state>');
  expect(await refusal({ DescribeVpcs: shared })).toMatch(/^UserError: VAST_PEERED_VPC_ID=.* belongs to the account 222222222222/);
});

test('one that overlaps, in any of its blocks', async () => {
  expect(await refusal({}, '10.9.0.0/25')).toMatch(`UserError: VAST_CIDR=10.9.0.0/25 overlaps with 10.9.0.0/24 of VAST_PEERED_VPC_ID=${VPC}`);
});

test('what the caller may not see is left to the CDK', async () => {
  expect(await refusal({ DescribeVpcs: { status: 403, body: failure('UnauthorizedOperation', 'no') } })).toBeUndefined();
  await aws.close();
  expect(await refusal({ DescribeSubnets: { status: 403, body: failure('UnauthorizedOperation', 'no') } })).toBeUndefined();
});
