import { ok, Seen, wrong } from './finding';
import { AwsConnection } from '../../runtime/aws-connection';
import { manifestType } from '../../runtime/doctor/image';
import { parseEcrImage } from '../ecr-image';

/** Media types of an image index: several images, or one with its attestations. */
const INDEXES = ['application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.list.v2+json'];

/** Checks that Lambda accepts the client's image. */
export async function seeClientImage(connection: AwsConnection, clientImage: string): Promise<Seen> {
  const type = await manifestType(connection, parseEcrImage(clientImage)!);
  if (!type) {
    return wrong(`there is no image ${clientImage}: push it, or leave VAST_CLIENT_IMAGE out`);
  }
  return INDEXES.includes(type)
    ? wrong(`${clientImage} is an index of images (${type}), which Lambda refuses: build it with docker build --provenance=false --sbom=false, `
      + 'for one platform, and push it again')
    : ok(`${clientImage} is one image`);
}
