import { aws_efs as efs, Lazy, Token } from 'aws-cdk-lib';
import { VastStorage } from '../../src';
import { storageProblems } from '../../src/storage/storage-checks';

const problems = (storage: VastStorage) => storageProblems(storage._choice);

test.each([['vast'], ['/'], [''], ['/vast/'], ['//vast'], ['/a//b']])('the path %j is refused with one that is right', (path) => {
  const sentence = `storage path '${path}' is not an absolute directory below the root of the file system: give one such as '/vast'`;
  expect(problems(VastStorage.efs({ path }))).toEqual([sentence]);
  expect(problems(VastStorage.fromFileSystemId('fs-0123456789abcdef0', { path }))).toEqual([sentence]);
});

test.each([['fs-'], ['fs-XYZ'], ['fsap-0123456789abcdef0'], [''], ['arn:aws:elasticfilesystem:eu-central-1:1:file-system/fs-01234567']])(
  'the file-system id %j is refused with one that is right', (id) => {
    expect(problems(VastStorage.fromFileSystemId(id)))
      .toEqual([`'${id}' is not the id of an EFS file system: give one such as 'fs-0123456789abcdef0'`]);
  });

test.each([['fs-01234567'], ['fs-0123456789abcdef0']])('the file-system id %s is taken', (id) => {
  expect(problems(VastStorage.fromFileSystemId(id))).toEqual([]);
});

test.each([
  [{ throughputMode: efs.ThroughputMode.PROVISIONED }],
  [{ provisionedThroughputMiBps: 10 }],
  [{ throughputMode: efs.ThroughputMode.BURSTING, provisionedThroughputMiBps: 10 }],
])('provisioned throughput goes with its mode: %j is refused', (options) => {
  expect(problems(VastStorage.efs(options)))
    .toEqual(['provisionedThroughputMiBps goes with ThroughputMode.PROVISIONED: give both or neither']);
});

test.each([[0], [19], [201], [20.5], [-1], [NaN]])('attached storage of %p GiB is refused with the sizes that are right', (sizeGiB) => {
  expect(problems(VastStorage.attached({ sizeGiB })))
    .toEqual([`attached storage of ${sizeGiB} GiB is not to be had on Fargate: give 20 to 200`]);
});

test('tokens are not judged', () => {
  expect([
    problems(VastStorage.efs({ path: Lazy.string({ produce: () => '/vast' }) })),
    problems(VastStorage.fromFileSystemId(Token.asString({ Ref: 'FileSystem' }))),
    problems(VastStorage.attached({ sizeGiB: Token.asNumber({ Ref: 'Size' }) })),
  ]).toEqual([[], [], []]);
});

test('all that is wrong is said at once', () => {
  expect(problems(VastStorage.efs({ path: 'x', provisionedThroughputMiBps: 1 }))).toHaveLength(2);
});
