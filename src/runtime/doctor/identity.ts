import { AwsCallError, AwsFailure, unlessDenied } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';

/** Whose credentials they are. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** What an account says of a region. */
export type RegionState = 'enabled' | 'disabled' | 'unknown';

/** Who AWS takes the caller for, and whether the region is one that this caller can use. */
export interface Caller extends Identity {
  readonly regionState: RegionState;
}

/**
 * A region of each part of AWS in which every account of that part can ask; by the beginning of the others' names.
 *
 * In a region that is not enabled, AWS does not know any credentials, and one that does not exist has no address: asked
 * there, a wrong region looks like wrong credentials or a broken network.
 */
const HOME_REGIONS: [beginning: string, home: string][] = [
  ['cn-', 'cn-north-1'],
  ['us-gov-', 'us-gov-west-1'],
  ['eusc-', 'eusc-de-east-1'],
  ['us-iso-', 'us-iso-east-1'],
  ['us-isob-', 'us-isob-east-1'],
  ['eu-isoe-', 'eu-isoe-west-1'],
  ['us-isof-', 'us-isof-south-1'],
  ['', 'us-east-1'],
];

/** A region in which the caller can be asked for, whatever is the matter with the given one. */
export function homeRegion(region: string): string {
  return HOME_REGIONS.find(([beginning]) => region.startsWith(beginning))![1];
}

/**
 * Asks in the region, and if that fails, at home.
 *
 * @throws AwsCallError of the region where the caller is unknown at home, too
 */
export async function findCaller(inRegion: AwsConnection, atHome: AwsConnection, region: string): Promise<Caller> {
  try {
    const identity = await callerIdentity(inRegion);
    return { ...identity, regionState: await regionState(inRegion, region) ?? 'enabled' };
  } catch (error) {
    const mayBeTheRegion = error instanceof AwsCallError && [AwsFailure.CREDENTIALS, AwsFailure.UNREACHABLE].includes(error.failure);
    const identity = mayBeTheRegion ? await callerIdentity(atHome).catch(() => undefined) : undefined;
    if (!identity) {
      throw error;
    }
    // The caller is known at home only, so whatever the list says, this region cannot be used.
    return { ...identity, regionState: await regionState(atHome, region) === 'unknown' ? 'unknown' : 'disabled' };
  }
}

/** Who AWS takes the caller for; takes no permission. */
export async function callerIdentity(connection: AwsConnection): Promise<Identity> {
  return connection.use('sts', async (client, { GetCallerIdentityCommand }) => {
    const { Account = '', Arn = '' } = await client.send(new GetCallerIdentityCommand({}));
    return { account: Account, arn: Arn };
  });
}

/** Whether there is such a region, and the account has it; undefined where the caller may not ask. */
async function regionState(connection: AwsConnection, region: string): Promise<RegionState | undefined> {
  return unlessDenied(connection.use('ec2', async (client, { DescribeRegionsCommand }) => {
    const { Regions = [] } = await client.send(new DescribeRegionsCommand({ AllRegions: true }));
    const found = Regions.find(({ RegionName }) => RegionName === region);
    return !found ? 'unknown' : found.OptInStatus === 'not-opted-in' ? 'disabled' : 'enabled';
  }));
}
