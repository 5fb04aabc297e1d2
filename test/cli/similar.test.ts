import { similar } from '../../src/cli/similar';

const KNOWN = ['VAST_VERSION', 'VAST_CIDR', 'VAST_IMAGE', 'VAST_AWS_REGION', 'VAST_SERVER_STORAGE_TYPE'];

test.each([
  ['VAST_VERISON', 'VAST_VERSION'], ['VAST_VERSIONS', 'VAST_VERSION'], ['VAST_CDIR', 'VAST_CIDR'], ['VAST_IMAG', 'VAST_IMAGE'], ['VAST_IMGAES', 'VAST_IMAGE'],
  ['VAST_REGION', 'VAST_AWS_REGION'], ['VAST_STORAGE', 'VAST_SERVER_STORAGE_TYPE'], ['VAST_TYPE_STORAGE', undefined], ['VAST', undefined],
  ['VAST_ENDPOINT', undefined], ['VAST_', undefined], ['', undefined],
])('%s may be %s', (word, meant) => {
  expect(similar(word, KNOWN)).toBe(meant);
});

test('nothing is similar where nothing is known', () => {
  expect(similar('VAST', [])).toBeUndefined();
});
