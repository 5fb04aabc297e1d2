import { UserError } from './errors';
import { Settings } from './settings';
import { DeploymentOutput } from '../discovery/deployment-output';
import { unlessDenied } from '../runtime/aws-call-error';
import { AwsConnection } from '../runtime/aws-connection';
import { findSubnetZone, findVpc, listZones } from '../runtime/doctor/vpcs';

/** The network settings of the next deployment; without a zone, the CDK chooses one. */
export type WantedNetwork = Pick<Settings, 'cidr' | 'stackName'> & { readonly availabilityZone?: string };

/**
 * Refuses another CIDR or availability zone for a deployment that is there.
 *
 * CloudFormation would create the new network before it deletes the old one, which AWS does not allow: a file system has
 * mount targets in only one VPC and one per zone, and subnets of a VPC must not overlap. The deployment would fail after
 * minutes and roll back.
 *
 * @returns the zone to deploy to: that of the deployment, or the wanted one where the caller may not see it
 * @throws UserError with the way that works
 */
export async function fixedZone(
  connection: AwsConnection, { vpcId, subnetId, fileSystemId }: DeploymentOutput, wanted: WantedNetwork,
): Promise<string | undefined> {
  // The deployer may lack the permission to describe networks: then CloudFormation reports the conflict.
  const cidr = (await unlessDenied(findVpc(connection, vpcId)))?.cidrs[0];
  const zone = await unlessDenied(findSubnetZone(connection, subnetId));
  const differences = [
    ...cidr && cidr !== wanted.cidr ? [`VAST_CIDR is ${wanted.cidr}, but its VPC has ${cidr}`] : [],
    ...zone && wanted.availabilityZone && zone !== wanted.availabilityZone ? [`VAST_AVAILABILITY_ZONE is ${wanted.availabilityZone}, but it is in ${zone}`] : [],
  ];
  if (differences.length > 0) {
    throw new UserError([
      `the network of ${wanted.stackName} cannot be changed while it is deployed: ${differences.join('; ')}`,
      'keep what it has, or move it: vast-cloud destroy, and then '
      + (fileSystemId ? `VAST_FILE_SYSTEM_ID=${fileSystemId} vast-cloud deploy, which uses the database that destroy keeps` : 'vast-cloud deploy'),
    ].join('\n'));
  }
  return zone ?? wanted.availabilityZone;
}

/**
 * Refuses an availability zone that the account does not have. The CDK would report it later, without the variable.
 *
 * @throws UserError with the zones that there are
 */
export async function requireZone(connection: AwsConnection, { availabilityZone, region }: Pick<Settings, 'availabilityZone' | 'region'>): Promise<void> {
  // The deployer may lack the permission: the CDK looks the zones up with a role of the bootstrap.
  const zones = availabilityZone === undefined ? undefined : await unlessDenied(listZones(connection));
  if (zones && !zones.includes(availabilityZone!)) {
    throw new UserError(`VAST_AVAILABILITY_ZONE=${availabilityZone} is no zone of ${region} in this account: set one of ${zones.join(', ')}, or leave it out`);
  }
}
