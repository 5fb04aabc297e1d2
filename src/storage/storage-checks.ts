import { aws_efs as efs, Token } from 'aws-cdk-lib';
import { StorageChoice } from './vast-storage';

/** What Fargate gives every task without a word. Source: the ECS task definition's `ephemeralStorage`. */
export const INCLUDED_DISK_GIB = 20;

const MAXIMUM_DISK_GIB = 200;

/** What is wrong with the storage that was chosen; nothing where it is right. */
export function storageProblems({ efs: options, fileSystemId, directory, attached }: StorageChoice): string[] {
  const problems: string[] = [];
  const path = (options ?? directory)?.path;
  if (path !== undefined && !Token.isUnresolved(path) && !/^(\/[^/]+)+$/.test(path)) {
    problems.push(`storage path '${path}' is not an absolute directory below the root of the file system: give one such as '/vast'`);
  }
  if (fileSystemId !== undefined && !Token.isUnresolved(fileSystemId) && !/^fs-[0-9a-f]{8,40}$/.test(fileSystemId)) {
    problems.push(`'${fileSystemId}' is not the id of an EFS file system: give one such as 'fs-0123456789abcdef0'`);
  }
  const provisioned = options?.throughputMode === efs.ThroughputMode.PROVISIONED;
  if (options && provisioned !== (options.provisionedThroughputMiBps !== undefined)) {
    problems.push('provisionedThroughputMiBps goes with ThroughputMode.PROVISIONED: give both or neither');
  }
  const size = attached?.sizeGiB;
  if (size !== undefined && !Token.isUnresolved(size)
    && !(Number.isInteger(size) && size >= INCLUDED_DISK_GIB && size <= MAXIMUM_DISK_GIB)) {
    problems.push(`attached storage of ${size} GiB is not to be had on Fargate: give ${INCLUDED_DISK_GIB} to ${MAXIMUM_DISK_GIB}`);
  }
  return problems;
}
