import { AwsConnection } from './aws-connection';

/** A file system that a deployment has left behind. */
export interface LeftFileSystem {
  readonly fileSystemId: string;
  readonly createdAt?: Date;
  readonly sizeBytes?: number;
}

/**
 * The file systems that were created under this name: that of the construct, such as `MyStack/Vast/FileSystem`.
 *
 * They outlive their stack by default, so there may be some that belong to no stack any more.
 */
export async function findFileSystems(connection: AwsConnection, name: string): Promise<LeftFileSystem[]> {
  const found: LeftFileSystem[] = [];
  await connection.use('efs', async (client, { paginateDescribeFileSystems }) => {
    for await (const { FileSystems = [] } of paginateDescribeFileSystems({ client }, {})) {
      for (const fileSystem of FileSystems) {
        const tagged = fileSystem.Name === name || fileSystem.Tags?.some(tag => tag.Key === 'Name' && tag.Value === name);
        if (tagged && fileSystem.FileSystemId && fileSystem.LifeCycleState === 'available') {
          found.push({
            fileSystemId: fileSystem.FileSystemId,
            createdAt: fileSystem.CreationTime,
            sizeBytes: fileSystem.SizeInBytes?.Value,
          });
        }
      }
    }
  });
  return found;
}
