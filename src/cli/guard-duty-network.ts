import { awsOptions } from './aws-options';
import { UserError } from './errors';
import { DeploymentOutput } from '../discovery/deployment-output';
import { unlessDenied } from '../runtime/aws-call-error';
import { AwsConnection } from '../runtime/aws-connection';
import { findGuardDutyNetwork } from '../runtime/guard-duty';

/**
 * Refuses to destroy a VPC with something of GuardDuty in it, since CloudFormation would fail to delete it.
 *
 * @throws UserError with the commands that delete it
 */
export async function refuseGuardDutyNetwork(connection: AwsConnection, { vpcId, region }: DeploymentOutput) {
  const { endpointIds = [], securityGroupIds = [] } = await unlessDenied(findGuardDutyNetwork(connection, vpcId)) ?? {};
  const commands = [
    ...endpointIds.length > 0 ? [`aws ec2 delete-vpc-endpoints --vpc-endpoint-ids ${endpointIds.join(' ')}${awsOptions(region)}`] : [],
    ...securityGroupIds.map(id => `aws ec2 delete-security-group --group-id ${id}${awsOptions(region)}`),
  ];
  if (commands.length > 0) {
    throw new UserError([
      `GuardDuty Runtime Monitoring has put ${[...endpointIds, ...securityGroupIds].join(', ')} into ${vpcId}, and CloudFormation cannot delete the VPC `
      + 'while that is there. The tasks are stopped, and nothing was destroyed. Delete it, an endpoint before its group, and run destroy again:',
      ...commands.map(command => `  ${command}`),
    ].join('\n'));
  }
}
