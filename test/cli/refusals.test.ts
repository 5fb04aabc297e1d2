import { checkConstructs } from '../../src/cli/deployment-app';
import { inVariables } from '../../src/cli/refusals';
import { readSettings } from '../../src/cli/settings';
import { describePeer } from '../../src/network/vast-peer';

const NEEDED = { VAST_AWS_REGION: 'eu-west-1', VAST_PEERED_VPC_ID: 'none', VAST_CIDR: '10.7.3.0/24', VAST_CLIENT_IMAGE: 'none' };

// With the app itself.
test.each([
  ['10.7.3.7/24', "VAST_CIDR='10.7.3.7/24' has host bits set: did you mean '10.7.3.0/24'?"],
  ['10.0.0.0/8', "VAST_CIDR='10.0.0.0/8' is larger than a VPC can be: give a /16 to /27"],
  ['10.7.3.0/29', "VAST_CIDR='10.7.3.0/29' is too small for two subnets: give a /16 to /27"],
  ['127.0.0.0/24', "VAST_CIDR='127.0.0.0/24' overlaps with '127.0.0.0/8', whose addresses no machine can have: give one such as '172.31.48.0/24'"],
])('the constructs\' refusal of %s names the variable', async (cidr, sentence) => {
  await expect(checkConstructs(readSettings({ ...NEEDED, VAST_CIDR: cidr }))).rejects.toMatchObject({ name: 'UserError', message: sentence });
});

test('several are a list, as those of the settings are', () => {
  expect(inVariables("VastCloud/Vast: 2 problems\n  - cidr 'x' is not an IPv4 CIDR: give one such as '172.31.48.0/24'\n  - second")).toBe(
    "the settings are not right yet:\n  - VAST_CIDR='x' is not an IPv4 CIDR: give one such as '172.31.48.0/24'\n  - second");
});

describe('a peer that only the lookup of the CDK has shown', () => {
  const problemsOf = (subnets: boolean, account?: string) => {
    const { App, Stack, aws_ec2: ec2 } = jest.requireActual<typeof import('aws-cdk-lib')>('aws-cdk-lib');
    const stack = new Stack(new App(), 'VastCloud', { env: { account: '111111111111', region: 'eu-west-1' } });
    const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Peer', {
      vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], vpcCidrBlock: '10.0.0.0/16', ...subnets && { privateSubnetIds: ['subnet-1'] },
    });
    return describePeer(stack, vpc, { ownerAccount: account }).problems.map(inVariables);
  };

  test.each([true, false])('without a route table (has subnets: %s)', (subnets) => {
    expect(problemsOf(subnets)).toEqual([expect.stringMatching(/^VAST_PEERED_VPC_ID names a VPC that has no subnet with a route table.*or to none$/)]);
  });

  test('of another account', () => {
    expect(problemsOf(true, '222222222222')).toEqual([expect.stringMatching(/^VAST_PEERED_VPC_ID names a VPC of the account 222222222222, which .*acceptRoleArn$/)]);
  });
});
