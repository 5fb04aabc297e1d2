import { AwsCallError, AwsFailure } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import { listVpcs } from './vpcs';

/** A quota of AWS that a deployment needs some of. */
export interface QuotaKind {
  readonly name: string;
  /** What is counted. */
  readonly unit: string;
  readonly serviceCode: string;
  readonly quotaCode: string;
  /** What a new deployment takes. */
  readonly needed: number;
  /** How much of it is taken. */
  readonly used: (connection: AwsConnection) => Promise<number>;
}

/** How much there is of it, and how much of that is taken. */
export interface QuotaState {
  readonly limit: number;
  readonly used: number;
}

/** What runs into its quota first; the codes are those of the Service Quotas console. */
export const QUOTAS: readonly QuotaKind[] = [
  { name: 'VPC quota', unit: 'VPCs', serviceCode: 'vpc', quotaCode: 'L-F678F1CE', needed: 1, used: countVpcs },
  { name: 'NAT gateway quota', unit: 'NAT gateways of the first zone', serviceCode: 'vpc', quotaCode: 'L-FE5A380F', needed: 1, used: countNatGateways },
  { name: 'Elastic IP quota', unit: 'Elastic IPs', serviceCode: 'ec2', quotaCode: 'L-0263D0A3', needed: 1, used: countElasticIps },
  { name: 'Fargate quota', unit: 'Fargate vCPUs', serviceCode: 'fargate', quotaCode: 'L-3032A538', needed: 2, used: countFargateCpus },
];

/** The state of a quota. */
export async function quotaState(connection: AwsConnection, kind: QuotaKind): Promise<QuotaState> {
  const [limit, used] = await Promise.all([quotaLimit(connection, kind), kind.used(connection)]);
  return { limit, used };
}

/** The account's own limit, or where it has none, the one that all have. */
async function quotaLimit(connection: AwsConnection, { serviceCode, quotaCode }: QuotaKind): Promise<number> {
  const which = { ServiceCode: serviceCode, QuotaCode: quotaCode };
  const limit = await connection.use('serviceQuotas', async (client, { GetAWSDefaultServiceQuotaCommand, GetServiceQuotaCommand }) => {
    try {
      return (await client.send(new GetServiceQuotaCommand(which))).Quota?.Value;
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchResourceException') {
        return (await client.send(new GetAWSDefaultServiceQuotaCommand(which))).Quota?.Value;
      }
      throw error;
    }
  });
  if (limit === undefined) {
    throw new AwsCallError(`Service Quotas does not tell ${quotaCode}`, AwsFailure.SERVICE, 'NoAnswer', undefined, undefined);
  }
  return limit;
}

async function countVpcs(connection: AwsConnection): Promise<number> {
  return (await listVpcs(connection)).length;
}

async function countElasticIps(connection: AwsConnection): Promise<number> {
  return connection.use('ec2', async (client, { DescribeAddressesCommand }) =>
    (await client.send(new DescribeAddressesCommand({}))).Addresses?.length ?? 0);
}

/** The gateways of the zone that a deployment takes: the first one. */
async function countNatGateways(connection: AwsConnection): Promise<number> {
  return connection.use('ec2', async (client, { DescribeAvailabilityZonesCommand, paginateDescribeNatGateways, paginateDescribeSubnets }) => {
    const { AvailabilityZones = [] } = await client.send(new DescribeAvailabilityZonesCommand({ Filters: [{ Name: 'state', Values: ['available'] }] }));
    const zone = AvailabilityZones[0]?.ZoneName;
    const subnets = new Set<string | undefined>();
    for await (const { Subnets = [] } of paginateDescribeSubnets({ client }, {})) {
      Subnets.filter(({ AvailabilityZone }) => AvailabilityZone === zone).forEach(({ SubnetId }) => subnets.add(SubnetId));
    }
    let count = 0;
    // As AWS counts them: one that is being deleted, too.
    for await (const { NatGateways = [] } of paginateDescribeNatGateways({ client }, { Filter: [{ Name: 'state', Values: ['pending', 'available', 'deleting'] }] })) {
      count += NatGateways.filter(({ SubnetId }) => subnets.has(SubnetId)).length;
    }
    return count;
  });
}

/** What the tasks on Fargate have; Spot has a quota of its own. */
async function countFargateCpus(connection: AwsConnection): Promise<number> {
  return connection.use('ecs', async (client, { DescribeTasksCommand, paginateListClusters, paginateListTasks }) => {
    let units = 0;
    for await (const { clusterArns = [] } of paginateListClusters({ client }, {})) {
      for (const cluster of clusterArns) {
        for await (const { taskArns = [] } of paginateListTasks({ client }, { cluster })) {
          const { tasks = [] } = taskArns.length > 0 ? await client.send(new DescribeTasksCommand({ cluster, tasks: taskArns })) : {};
          units += tasks.filter(({ launchType, capacityProviderName }) => launchType === 'FARGATE' && capacityProviderName !== 'FARGATE_SPOT')
            .reduce((sum, { cpu }) => sum + Number(cpu ?? 0), 0);
        }
      }
    }
    return units / 1024;
  });
}
