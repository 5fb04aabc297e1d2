import { AwsCallError } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';

/** An image in a private repository of ECR. */
export interface ImageAddress {
  readonly account: string;
  readonly repository: string;
  readonly tagOrDigest: string;
}

/** The media type of an image's manifest; undefined where there is no such image. */
export async function manifestType(connection: AwsConnection, { account, repository, tagOrDigest }: ImageAddress): Promise<string | undefined> {
  try {
    return await connection.use('ecr', async (client, { DescribeImagesCommand }) => {
      const { imageDetails = [] } = await client.send(new DescribeImagesCommand({
        registryId: account,
        repositoryName: repository,
        imageIds: [tagOrDigest.startsWith('sha256:') ? { imageDigest: tagOrDigest } : { imageTag: tagOrDigest }],
      }));
      return imageDetails[0]?.imageManifestMediaType;
    });
  } catch (error) {
    if (error instanceof AwsCallError && ['ImageNotFoundException', 'RepositoryNotFoundException'].includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}
