import { UserError } from './errors';
import { DeploymentOutput } from '../discovery/deployment-output';
import { AwsCallError, AwsFailure } from '../runtime/aws-call-error';
import { AwsConnection } from '../runtime/aws-connection';
import { findGuardDutyNetwork } from '../runtime/guard-duty';

/**
 * Refuses to destroy a VPC with something of GuardDuty in it, since CloudFormation would fail to delete it.
 *
 * @throws UserError with the commands that delete it
 */
export async function refuseForeignNetwork(connection: AwsConnection, { vpcId, region }: DeploymentOutput) {
  const { endpointIds, securityGroupIds } = await findGuardDutyNetwork(connection, vpcId).catch((error) => {
    // Whoever destroys a stack need not be allowed to look.
    if (error instanceof AwsCallError && error.failure === AwsFailure.PERMISSION) {
      return { endpointIds: [], securityGroupIds: [] };
    }
    throw error;
  });
  const commands = [
    ...endpointIds.length > 0 ? [`aws ec2 delete-vpc-endpoints --region ${region} --vpc-endpoint-ids ${endpointIds.join(' ')}`] : [],
    ...securityGroupIds.map(id => `aws ec2 delete-security-group --region ${region} --group-id ${id}`),
  ];
  if (commands.length > 0) {
    throw new UserError([
      `GuardDuty Runtime Monitoring has put ${[...endpointIds, ...securityGroupIds].join(', ')} into ${vpcId}, and CloudFormation cannot delete the VPC `
      + 'while that is there. The tasks are stopped, and nothing was destroyed. Delete it, an endpoint before its group, and run destroy again:',
      ...commands.map(command => `  ${command}`),
    ].join('\n'));
  }
}
