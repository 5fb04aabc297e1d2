import { Lazy } from 'aws-cdk-lib';
import { VastStorage } from '../../src';
import { serverAlone } from '../synthesized-deployment';

const attached = (sizeGiB?: number) => serverAlone({ storage: VastStorage.attached({ sizeGiB }) });

test('there is nothing of EFS: no file system, no way in, no volume, no grant', () => {
  const synthesized = attached();
  expect(synthesized.text).not.toMatch(/AWS::EFS|elasticfilesystem|2049/);
  expect(synthesized.container).not.toHaveProperty('MountPoints.0');
  expect(synthesized.taskDefinition.Properties).not.toHaveProperty('Volumes.0');
  expect(synthesized.deployment.fileSystem).toBeUndefined();
  expect(synthesized.deployment.accessPoint).toBeUndefined();
});

test.each([[undefined], [20]])('a size of %p is left out, because 20 GiB are what Fargate gives by itself and refuses to be asked for', (size) => {
  expect(attached(size).taskDefinition.Properties).not.toHaveProperty('EphemeralStorage');
});

test.each([[21], [100], [200]])('a size of %d GiB is asked for', (size) => {
  expect(attached(size).taskDefinition.Properties.EphemeralStorage).toEqual({ SizeInGiB: size });
});

test('a size that is a token passes through', () => {
  expect(attached(Lazy.number({ produce: () => 42 })).taskDefinition.Properties.EphemeralStorage).toEqual({ SizeInGiB: 42 });
});

test('a warning with its id says that the database goes with the task, and how to return to a file system', () => {
  expect(attached().warnings).toEqual([expect.stringMatching(
    /every restart, redeployment or crash .* VastStorage\.fromFileSystemId\(\) \[ack: cdk-vast:attachedStorage\]$/)]);
});

test('a deployment with a file system warns of nothing', () => {
  expect(serverAlone().warnings).toEqual([]);
});
