import { ok, Seen, wrong } from './finding';
import { AwsConnection } from '../../runtime/aws-connection';
import { isBootstrapped } from '../../runtime/bootstrap';
import { findFileSystem } from '../../runtime/doctor/file-system';
import { homeRegion, RegionState } from '../../runtime/doctor/identity';
import { FoundStack } from '../../runtime/doctor/stack';
import { awsOptions } from '../aws-options';
import { Settings, STACK_DESCRIPTION } from '../settings';

/** Whether the account has the region. */
export function seeRegion(region: string, state: RegionState): Seen {
  switch (state) {
    case 'enabled': return ok(region);
    case 'disabled': return wrong(`${region} is not enabled in this account: aws account enable-region --region-name ${region}${awsOptions('')}, or set another VAST_AWS_REGION`);
    case 'unknown': return wrong(`AWS has no region ${region}: set VAST_AWS_REGION to one of aws ec2 describe-regions${awsOptions(homeRegion(region))}`);
  }
}

/** Whether the CDK can deploy there. */
export async function seeBootstrap(connection: AwsConnection, region: string, local: boolean): Promise<Seen> {
  if (await isBootstrapped(connection)) {
    return ok(`the CDK is bootstrapped in ${region}`);
  }
  return local
    ? ok('not yet; deploy --local does it')
    : wrong(`the CDK is not bootstrapped in ${region} of this account: vast-cloud deploy --bootstrap does it, once`);
}

/** Tells stacks that `vast-cloud deploy` has created. A stack in review has no resources yet, and no description. */
export function isOurs({ status, description }: FoundStack): boolean {
  return description === STACK_DESCRIPTION || status === 'REVIEW_IN_PROGRESS';
}

/** Whether the next deployment can begin, as far as the stack is concerned. */
export function seeStack(stackName: string, stack: FoundStack | undefined): Seen {
  if (!stack) {
    return ok(`${stackName} is not deployed yet`);
  }
  const { status, reason } = stack;
  const said = `${stackName} is in ${status}${reason ? ` (${reason})` : ''}`;
  if (!isOurs(stack)) {
    return wrong(`the stack ${stackName} was not created by vast-cloud, and deploy would replace everything in it: set another VAST_STACK_NAME`);
  } else if (status === 'UPDATE_ROLLBACK_FAILED') {
    return wrong(`${said}: mend what the events name (aws cloudformation describe-stack-events --stack-name ${stackName}${awsOptions()}), then `
      + `aws cloudformation continue-update-rollback --stack-name ${stackName}${awsOptions()}`);
  } else if (status === 'DELETE_FAILED') {
    return wrong(`${said}: remove what the events name (aws cloudformation describe-stack-events --stack-name ${stackName}${awsOptions()}), then `
      + `aws cloudformation delete-stack --stack-name ${stackName}${awsOptions()}`);
  } else if (/^(ROLLBACK_(COMPLETE|FAILED)|REVIEW_IN_PROGRESS)$/.test(status)) {
    // It was never complete, so the CDK CLI removes it by itself.
    return ok(`${said}; deploy begins anew`);
  } else if (status.endsWith('_IN_PROGRESS')) {
    return wrong(`${said}: wait until that is over`);
  }
  return ok(said);
}

/** Whether the database that was named can be used. */
export async function seeFileSystem(
  connection: AwsConnection, fileSystemId: string, { region }: Pick<Settings, 'region'>, stack: FoundStack | undefined,
): Promise<Seen> {
  const found = await findFileSystem(connection, fileSystemId);
  if (!found) {
    return wrong(`there is no file system ${fileSystemId} in ${region} of this account: set VAST_FILE_SYSTEM_ID to one of `
      + `aws efs describe-file-systems${awsOptions(region)}, or leave it out`);
  }
  if (found.state !== 'available') {
    return wrong(`${fileSystemId} is ${found.state}, not available`);
  }
  const own = stack?.deployments.some(({ vpcId }) => vpcId === found.vpcId);
  return found.vpcId && !own
    ? wrong(`${fileSystemId} is mounted in ${found.vpcId}, and EFS has mount targets in one VPC at a time: delete them first, see `
      + `aws efs describe-mount-targets --file-system-id ${fileSystemId}${awsOptions(region)}`)
    : ok(`${fileSystemId} is available`);
}
