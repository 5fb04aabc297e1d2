import { Lazy, Token } from 'aws-cdk-lib';
import { zoneProblems } from '../../src/network/zone-checks';
import { ENV, refusalOf, stackOfTests } from '../synthesized-deployment';

const UNKNOWN_REGION = Token.asString({ Ref: 'AWS::Region' });

test.each([
  ['eu-west-1', 'eu-west-1a'], ['us-west-2', 'us-west-2-lax-1a'], ['us-east-1', 'us-east-1-wl1-bos-wlz-1'],
  ['eu-west-1', undefined], [UNKNOWN_REGION, 'eu-west-1a'],
])('in %j, the zone %j is accepted', (region, zone) => {
  expect(zoneProblems(region, zone)).toEqual([]);
});

test.each([['us-east-1a'], ['EU-WEST-1A'], ['a'], [' eu-west-1a']])('in eu-west-1, the zone %j is refused', (zone) => {
  expect(zoneProblems('eu-west-1', zone)).toEqual([
    `availabilityZone '${zone}' is not in eu-west-1, the region of the stack: give one such as 'eu-west-1a'`,
  ]);
});

test.each([['eu-west-1', ''], ['eu-west-1', ' '], [UNKNOWN_REGION, '']])('in %j, the empty zone %j is refused', (region, zone) => {
  expect(zoneProblems(region, zone)).toEqual(['availabilityZone is empty: give one such as \'eu-west-1a\', or leave it out']);
});

test('tokens are not judged', () => {
  expect(zoneProblems('eu-west-1', Lazy.string({ produce: () => 'us-east-1a' }))).toEqual([]);
  expect(zoneProblems('eu-west-1', Token.asString({ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }))).toEqual([]);
});

test('a deployment knows the region of its stack', () => {
  expect(refusalOf({ availabilityZone: 'us-east-1a' }, stackOfTests({ env: ENV })))
    .toBe("Stack/Vast: availabilityZone 'us-east-1a' is not in eu-central-1, the region of the stack: give one such as 'eu-central-1a'");
  expect(refusalOf({ availabilityZone: '' })).toContain('availabilityZone is empty');
});
