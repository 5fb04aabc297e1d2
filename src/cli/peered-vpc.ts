import { UserError } from './errors';
import { Settings } from './settings';
import { AwsConnection } from '../runtime/aws-connection';
import { findVpc, FoundVpc } from '../runtime/doctor/vpcs';

/**
 * The VPC to peer with, as it is in AWS.
 *
 * @throws UserError where it cannot be peered with
 */
export async function requirePeeredVpc(connection: AwsConnection, vpcId: string, { region }: Pick<Settings, 'region'>): Promise<FoundVpc> {
  const vpc = await findVpc(connection, vpcId);
  if (!vpc) {
    throw new UserError(`there is no VPC ${vpcId} in ${region} of this account: `
      + `set VAST_PEERED_VPC_ID to one of aws ec2 describe-vpcs --region ${region}, or to none`);
  }
  if (vpc.state !== 'available') {
    throw new UserError(`the VPC ${vpcId} to peer with is ${vpc.state}, not available: wait until it is`);
  }
  return vpc;
}
