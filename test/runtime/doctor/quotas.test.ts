import { Answer, AwsEndpoint, vpcs } from './aws-endpoint';
import { QUOTAS, quotaState } from '../../../src/runtime/doctor/quotas';

const kind = (name: string) => QUOTAS.find(quota => quota.name === name)!;
const limit = (Value: number) => ({ Quota: { Value } });

async function state(name: string, answers: { [action: string]: Answer }) {
  const aws = await AwsEndpoint.open(answers);
  try {
    return await quotaState(aws.connect(), kind(name));
  } finally {
    await aws.close();
  }
}

test('the limit is that of the account', async () => {
  expect(await state('VPC quota', { GetServiceQuota: limit(20), DescribeVpcs: vpcs({ 'vpc-1': ['10.0.0.0/16'], 'vpc-2': ['10.1.0.0/16'] }) }))
    .toEqual({ limit: 20, used: 2 });
});

test('an account without a limit of its own has that of all', async () => {
  expect(await state('VPC quota', {
    GetServiceQuota: { status: 400, body: { __type: 'NoSuchResourceException', Message: 'no' } }, GetAWSDefaultServiceQuota: limit(5), DescribeVpcs: vpcs({}),
  })).toEqual({ limit: 5, used: 0 });
});

test('NAT gateways count in the first zone', async () => {
  const items = (set: string, rows: { [name: string]: string }[]) => `<Response><${set}>${rows.map(row =>
    `<item>${Object.entries(row).map(([name, value]) => `<${name}>${value}</${name}>`).join('')}</item>`).join('')}</${set}></Response>`;
  expect(await state('NAT gateway quota', {
    GetServiceQuota: limit(5),
    DescribeAvailabilityZones: items('availabilityZoneInfo', [{ zoneName: 'eu-west-1a' }, { zoneName: 'eu-west-1b' }]),
    DescribeSubnets: items('subnetSet', [{ subnetId: 'subnet-a', availabilityZone: 'eu-west-1a' }, { subnetId: 'subnet-b', availabilityZone: 'eu-west-1b' }]),
    DescribeNatGateways: items('natGatewaySet', ['subnet-a', 'subnet-b', 'subnet-a'].map(subnetId => ({ subnetId }))),
  })).toEqual({ limit: 5, used: 2 });
});

test('tasks on Fargate count with their vCPUs, those on Spot and on instances do not', async () => {
  expect(await state('Fargate quota', {
    GetServiceQuota: limit(6),
    ListClusters: { clusterArns: ['arn:cluster'] },
    ListTasks: { taskArns: ['arn:task'] },
    DescribeTasks: {
      tasks: [
        { launchType: 'FARGATE', cpu: '2048' }, { launchType: 'FARGATE', capacityProviderName: 'FARGATE', cpu: '256' },
        { launchType: 'FARGATE', capacityProviderName: 'FARGATE_SPOT', cpu: '4096' }, { launchType: 'EC2', cpu: '1024' },
      ],
    },
  })).toEqual({ limit: 6, used: 2.25 });
});
