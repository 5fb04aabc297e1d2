import { fixedZone, requireZone } from '../../src/cli/fixed-network';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { Answer, AwsEndpoint, failure, vpcs } from '../runtime/doctor/aws-endpoint';

const subnets = (zone: string) => '<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId>'
  + `<availabilityZone>${zone}</availabilityZone></item></subnetSet></DescribeSubnetsResponse>`;
const DEPLOYED = { vpcId: 'vpc-1', subnetId: 'subnet-1', fileSystemId: 'fs-0123456789abcdef0' } as DeploymentOutput;
const ANSWERS = { DescribeVpcs: vpcs({ 'vpc-1': ['172.31.48.0/24'] }), DescribeSubnets: subnets('eu-west-1a') };

async function refusal(
  wanted: { cidr?: string; availabilityZone?: string }, answers: { [action: string]: Answer } = ANSWERS, deployment = DEPLOYED,
): Promise<{ message?: string; zone?: string }> {
  const aws = await AwsEndpoint.open(answers);
  try {
    return await fixedZone(aws.connect(), deployment, { cidr: '172.31.48.0/24', stackName: 'VastCloud', ...wanted })
      .then(zone => ({ zone }), (error: Error) => ({ message: error.message }));
  } finally {
    await aws.close();
  }
}

test('what is deployed may be deployed again', async () => {
  expect(await refusal({ availabilityZone: 'eu-west-1a' })).toEqual({ zone: 'eu-west-1a' });
});

test('a deployment stays in its zone where the variable is taken away', async () => {
  expect(await refusal({})).toEqual({ zone: 'eu-west-1a' });
});

test('another CIDR is refused, with the way that works', async () => {
  expect((await refusal({ cidr: '172.31.49.0/24' })).message).toBe(
    'the network of VastCloud cannot be changed while it is deployed: VAST_CIDR is 172.31.49.0/24, but its VPC has 172.31.48.0/24\n'
    + 'keep what it has, or move it: vast-cloud destroy, and then VAST_FILE_SYSTEM_ID=fs-0123456789abcdef0 vast-cloud deploy, '
    + 'which uses the database that destroy keeps');
});

test('so is another zone', async () => {
  expect((await refusal({ availabilityZone: 'eu-west-1b' })).message).toContain('VAST_AVAILABILITY_ZONE is eu-west-1b, but it is in eu-west-1a');
});

test('where the database is on the task\'s own disk, no file system is spoken of', async () => {
  expect((await refusal({ cidr: '172.31.49.0/24' }, ANSWERS, { ...DEPLOYED, fileSystemId: undefined })).message).toMatch(/and then vast-cloud deploy$/);
});

test('whoever may not look at networks may deploy', async () => {
  const denied = { status: 403, body: failure('UnauthorizedOperation', 'no') };
  expect(await refusal({ cidr: '172.31.49.0/24', availabilityZone: 'eu-west-1b' }, { DescribeVpcs: denied, DescribeSubnets: denied }))
    .toEqual({ zone: 'eu-west-1b' });
});

test('a network that is gone is not held against the deployment', async () => {
  const gone = (code: string) => ({ status: 400, body: failure(code, 'no') });
  const answers = { DescribeVpcs: gone('InvalidVpcID.NotFound'), DescribeSubnets: gone('InvalidSubnetID.NotFound') };
  expect((await refusal({ cidr: '172.31.49.0/24', availabilityZone: 'eu-west-1b' }, answers)).message).toBeUndefined();
});

test.each([
  ['eu-west-1b', undefined],
  [undefined, undefined],
  ['eu-west-1z', 'VAST_AVAILABILITY_ZONE=eu-west-1z is no zone of eu-west-1 in this account: set one of eu-west-1a, eu-west-1b, or leave it out'],
])('the zone %s has to exist', async (availabilityZone, message) => {
  const zone = (name: string) => `<item><zoneName>${name}</zoneName><zoneState>available</zoneState></item>`;
  const aws = await AwsEndpoint.open({
    DescribeAvailabilityZones: `<DescribeAvailabilityZonesResponse><availabilityZoneInfo>${zone('eu-west-1a')}${zone('eu-west-1b')}</availabilityZoneInfo></DescribeAvailabilityZonesResponse>`,
  });
  try {
    expect(await requireZone(aws.connect(), { availabilityZone, region: 'eu-west-1' }).catch((error: Error) => error.message)).toBe(message);
  } finally {
    await aws.close();
  }
});
