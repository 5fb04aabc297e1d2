import { AwsCallError } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';

/** An existing file system, and where it is mounted. */
export interface FoundFileSystem {
  readonly fileSystemId: string;
  /** `available`, or what EFS says otherwise. */
  readonly state: string;
  /** The VPC that has its mount targets: it can be in one at a time. */
  readonly vpcId?: string;
}

/** The file system of that id; undefined where this account and region have none. */
export async function findFileSystem(connection: AwsConnection, fileSystemId: string): Promise<FoundFileSystem | undefined> {
  try {
    return await connection.use('efs', async (client, { DescribeFileSystemsCommand, DescribeMountTargetsCommand }) => {
      const { FileSystems = [] } = await client.send(new DescribeFileSystemsCommand({ FileSystemId: fileSystemId }));
      const { MountTargets = [] } = await client.send(new DescribeMountTargetsCommand({ FileSystemId: fileSystemId }));
      return FileSystems.map(({ LifeCycleState = '' }) => ({ fileSystemId, state: LifeCycleState, vpcId: MountTargets[0]?.VpcId }))[0];
    });
  } catch (error) {
    if (error instanceof AwsCallError && error.code === 'FileSystemNotFound') {
      return undefined;
    }
    throw error;
  }
}
