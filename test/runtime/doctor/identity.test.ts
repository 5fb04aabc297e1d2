import { Answer, AwsEndpoint, CALLER, failure, regions, stsFailure } from './aws-endpoint';
import { AwsCallError, AwsFailure } from '../../../src/runtime/aws-call-error';
import { AwsConnection } from '../../../src/runtime/aws-connection';
import { findCaller, homeRegion } from '../../../src/runtime/doctor/identity';

const ANN = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/ann' };
const UNKNOWN_HERE = { status: 403, body: stsFailure('InvalidClientTokenId', 'The security token included in the request is invalid') };
const endpoints: AwsEndpoint[] = [];

async function aws(answers: { [action: string]: Answer }) {
  const endpoint = await AwsEndpoint.open(answers);
  endpoints.push(endpoint);
  return endpoint;
}

afterEach(async () => {
  await Promise.all(endpoints.splice(0).map(endpoint => endpoint.close()));
});

test.each([
  ['opt-in-not-required', 'enabled'], ['opted-in', 'enabled'], ['not-opted-in', 'disabled'],
])('where the region answers and is %s, it is %s', async (status, expected) => {
  const here = await aws({ GetCallerIdentity: CALLER, DescribeRegions: regions({ 'eu-west-1': status }) });
  const home = await aws({});
  expect(await findCaller(here.connect(), home.connect(), 'eu-west-1')).toEqual({ ...ANN, regionState: expected });
  expect(home.asked).toEqual([]);
});

test('credentials that only the home region knows are right; it is the region that is not enabled', async () => {
  const home = await aws({ GetCallerIdentity: CALLER, DescribeRegions: regions({ 'me-south-1': 'not-opted-in' }) });
  const here = await aws({ GetCallerIdentity: UNKNOWN_HERE });
  expect(await findCaller(here.connect(), home.connect(), 'me-south-1')).toEqual({ ...ANN, regionState: 'disabled' });
});

test('a region that has no address is none', async () => {
  const home = await aws({ GetCallerIdentity: CALLER, DescribeRegions: regions({ 'eu-west-1': 'opt-in-not-required' }) });
  const unreachable = new AwsCallError('no address', AwsFailure.UNREACHABLE, 'Error', undefined, undefined);
  // Under jest, the errors of Node's own network are of another realm, which the SDK does not take for errors.
  const nowhere = { use: () => Promise.reject(unreachable) } as unknown as AwsConnection;
  expect(await findCaller(nowhere, home.connect(), 'eu-west-9')).toEqual({ ...ANN, regionState: 'unknown' });
});

test('credentials that nobody knows are wrong, in the words of the region', async () => {
  const here = await aws({ GetCallerIdentity: UNKNOWN_HERE });
  const home = await aws({ GetCallerIdentity: UNKNOWN_HERE });
  await expect(findCaller(here.connect(), home.connect(), 'eu-west-1')).rejects.toThrow(/^AWS does not know the credentials/);
});

test('whoever may not list the regions is taken at the word of the one that answers', async () => {
  const here = await aws({ GetCallerIdentity: CALLER, DescribeRegions: { status: 403, body: failure('UnauthorizedOperation', 'no') } });
  expect(await findCaller(here.connect(), here.connect(), 'eu-west-1')).toEqual({ ...ANN, regionState: 'enabled' });
});

test.each([['cn-northwest-1', 'cn-north-1'], ['us-gov-east-1', 'us-gov-west-1'], ['eusc-de-east-1', 'eusc-de-east-1'], ['us-iso-west-1', 'us-iso-east-1'],
  ['eu-west-1', 'us-east-1'], ['', 'us-east-1']])(
  'the home of %s is %s', (region, home) => expect(homeRegion(region)).toBe(home));
