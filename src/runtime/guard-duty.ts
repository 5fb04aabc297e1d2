import { AwsConnection } from './aws-connection';

/** The endpoint and the security groups that GuardDuty Runtime Monitoring has created in a VPC. */
export interface GuardDutyNetwork {
  readonly endpointIds: string[];
  readonly securityGroupIds: string[];
}

/**
 * The endpoint and the security group that GuardDuty makes by itself in a VPC with tasks that it monitors, and
 * deletes only after it was disabled.
 *
 * Source: https://docs.aws.amazon.com/guardduty/latest/ug/using-iac-with-gdu-automated-agents-runtime-monitoring.html
 */
export async function findGuardDutyNetwork(connection: AwsConnection, vpcId: string): Promise<GuardDutyNetwork> {
  return connection.use('ec2', async (client, { paginateDescribeSecurityGroups, paginateDescribeVpcEndpoints }) => {
    const input = { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] };
    const endpointIds: string[] = [];
    for await (const { VpcEndpoints = [] } of paginateDescribeVpcEndpoints({ client }, input)) {
      endpointIds.push(...VpcEndpoints
        .filter(({ ServiceName = '', State = '' }) => ServiceName.endsWith('.guardduty-data') && !/^delet/i.test(State))
        .map(({ VpcEndpointId }) => VpcEndpointId!));
    }
    const securityGroupIds: string[] = [];
    for await (const { SecurityGroups = [] } of paginateDescribeSecurityGroups({ client }, input)) {
      securityGroupIds.push(...SecurityGroups.filter(({ GroupName = '' }) => GroupName.startsWith('GuardDutyManagedSecurityGroup-')).map(({ GroupId }) => GroupId!));
    }
    return { endpointIds, securityGroupIds };
  });
}
