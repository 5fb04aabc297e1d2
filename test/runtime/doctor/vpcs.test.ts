import * as fc from 'fast-check';
import { AwsEndpoint, failure, vpcs } from './aws-endpoint';
import { findVpc, FoundVpc, freeCidr, listVpcs, overlapsOf } from '../../../src/runtime/doctor/vpcs';

const vpc = (...cidrs: string[]): FoundVpc => ({ vpcId: 'vpc-1', state: 'available', cidrs });

test('every block of a VPC counts, save those that it does not have any more', async () => {
  const aws = await AwsEndpoint.open({ DescribeVpcs: vpcs({ 'vpc-1': ['10.0.0.0/16', '10.7.0.0/16', 'gone:10.8.0.0/16'] }) });
  expect(await listVpcs(aws.connect())).toEqual([vpc('10.0.0.0/16', '10.7.0.0/16')]);
  await aws.close();
});

test.each(['InvalidVpcID.NotFound', 'InvalidVpcID.Malformed'])('%s means that there is none', async (code) => {
  const aws = await AwsEndpoint.open({ DescribeVpcs: { status: 400, body: failure(code, 'no') } });
  expect(await findVpc(aws.connect(), 'vpc-1')).toBeUndefined();
  await aws.close();
});

test('any other refusal is none of that', async () => {
  const aws = await AwsEndpoint.open({ DescribeVpcs: { status: 403, body: failure('UnauthorizedOperation', 'no') } });
  await expect(findVpc(aws.connect(), 'vpc-1')).rejects.toThrow('the AWS credentials do not allow this');
  await aws.close();
});

test('those blocks are named that overlap', () => {
  expect(overlapsOf('10.7.3.0/24', vpc('10.0.0.0/16', '10.7.0.0/16', '10.7.3.128/25'))).toEqual(['10.7.0.0/16', '10.7.3.128/25']);
  expect(overlapsOf('10.7.3.0/24', vpc('10.7.2.0/24', '10.7.4.0/22'))).toEqual([]);
});

test('what is proposed is free, and of the size that was asked for', () => {
  const blocks = fc.array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 12, max: 28 }))
    .map(([octet, prefix]) => `172.${16 + octet % 16}.${octet}.0/${prefix}`), { maxLength: 8 });
  fc.assert(fc.property(blocks, fc.integer({ min: 16, max: 27 }), (taken, prefix) => {
    const free = freeCidr(prefix, [vpc(...taken)])!;
    expect(free).toMatch(new RegExp(`/${prefix}$`));
    expect(overlapsOf(free, vpc(...taken))).toEqual([]);
  }), { numRuns: 40 });
});

test('where everything private is taken, nothing is proposed', () => {
  expect(freeCidr(16, [vpc('10.0.0.0/8'), vpc('172.16.0.0/12', '192.168.0.0/16')])).toBeUndefined();
});
