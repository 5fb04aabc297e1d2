import { awsOptions } from './aws-options';
import { UserError } from './errors';
import { Settings } from './settings';
import { unlessDenied } from '../runtime/aws-call-error';
import { AwsConnection } from '../runtime/aws-connection';
import { findVpc, FoundVpc, hasSubnets, overlapsOf } from '../runtime/doctor/vpcs';

/**
 * The VPC to peer with, as it is in AWS.
 *
 * @throws UserError where it cannot be peered with
 */
export async function requirePeeredVpc(connection: AwsConnection, vpcId: string, { region }: Pick<Settings, 'region'>): Promise<FoundVpc> {
  const vpc = await findVpc(connection, vpcId);
  if (!vpc) {
    throw new UserError(`there is no VPC ${vpcId} in ${region} of this account: `
      + `set VAST_PEERED_VPC_ID to one of aws ec2 describe-vpcs${awsOptions(region)}, or to none`);
  }
  if (vpc.state !== 'available') {
    throw new UserError(`the VPC ${vpcId} to peer with is ${vpc.state}, not available: wait until it is`);
  }
  if (!await hasSubnets(connection, vpcId)) {
    throw new UserError(`VAST_PEERED_VPC_ID=${vpcId} has no subnet, so nothing in it could reach the server: `
      + 'set it to a VPC that has one, or to none');
  }
  return vpc;
}

/**
 * Refuses a VPC that the deployment could not be peered with, before anything is created. The CDK would find that out by
 * itself, later and in words that say nothing of the variable.
 *
 * @throws UserError that names the variable
 */
export async function refuseUnfitPeer(connection: AwsConnection, { peeredVpcId, cidr, region }: Settings, account: string): Promise<void> {
  if (!peeredVpcId) {
    return;
  }
  // The deployer may lack the permission to describe VPCs: the CDK looks them up with a role of the bootstrap.
  const vpc = await unlessDenied(requirePeeredVpc(connection, peeredVpcId, { region }));
  if (vpc?.ownerAccount && vpc.ownerAccount !== account) {
    throw new UserError(`VAST_PEERED_VPC_ID=${peeredVpcId} belongs to the account ${vpc.ownerAccount}, which has to accept the connection: `
      + 'set it to a VPC of this account, or to none, or write a CDK app with VastDeployment and its peering.acceptRoleArn');
  }
  const overlapping = vpc ? overlapsOf(cidr, vpc) : [];
  if (overlapping.length > 0) {
    throw new UserError(`VAST_CIDR=${cidr} overlaps with ${overlapping.join(', ')} of VAST_PEERED_VPC_ID=${peeredVpcId}: AWS refuses to peer them; `
      + 'vast-cloud doctor names a range that is free');
  }
}
