import { Token } from 'aws-cdk-lib';

/**
 * Lists the problems of an availability zone.
 *
 * The names of local and wavelength zones (`us-west-2-lax-1a`) begin with the region, too.
 */
export function zoneProblems(region: string, zone?: string): string[] {
  if (zone?.trim() === '') {
    return ['availabilityZone is empty: give one such as \'eu-west-1a\', or leave it out'];
  }
  return !zone || Token.isUnresolved(zone) || Token.isUnresolved(region) || zone.startsWith(region) ? [] : [
    `availabilityZone '${zone}' is not in ${region}, the region of the stack: give one such as '${region}a'`,
  ];
}
