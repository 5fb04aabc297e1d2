import { UserError } from './errors';
import { Settings } from './settings';
import { DeploymentOutput } from '../discovery/deployment-output';
import { AwsConnection } from '../runtime/aws-connection';
import { findFileSystems } from '../runtime/file-systems';

/**
 * Refuses to begin with an empty database where there is an earlier one. A file system outlives its stack; without this
 * check nobody would notice before they miss their data.
 *
 * @throws UserError with the choices
 */
export async function refuseForgottenFileSystem(
  connection: AwsConnection, deployments: DeploymentOutput[], { stackName, storage, fileSystemId }: Pick<Settings, 'stackName' | 'storage' | 'fileSystemId'>,
): Promise<void> {
  if (storage !== 'EFS' || fileSystemId) {
    return;
  }
  const handedIn = deployments.find(deployment => deployment.fileSystemId && !deployment.fileSystemInStack);
  if (handedIn) {
    throw new UserError(`the database of ${stackName} is on ${handedIn.fileSystemId}, which VAST_FILE_SYSTEM_ID named and no longer does; `
      + `this deployment would begin with an empty one:\n${choice(handedIn.fileSystemId!)}`);
  }
  if (deployments.some(deployment => deployment.fileSystemInStack)) {
    return;
  }
  const left = (await findFileSystems(connection, `${stackName}/Vast/FileSystem`))
    .sort((a, b) => (b.createdAt?.getTime() ?? 0) - (a.createdAt?.getTime() ?? 0));
  if (left.length > 0) {
    throw new UserError([
      `an earlier deployment of ${stackName} has left its database behind; this one would begin with an empty one:`,
      ...left.map(({ fileSystemId: id, createdAt, sizeBytes }) =>
        `  - ${id}, created ${createdAt?.toISOString() ?? 'at an unknown time'}, ${((sizeBytes ?? 0) / 2 ** 20).toFixed(1)} MiB`),
      choice(left[0].fileSystemId),
    ].join('\n'));
  }
}

function choice(fileSystemId: string): string {
  return `to use it again: VAST_FILE_SYSTEM_ID=${fileSystemId}; to begin anew: vast-cloud deploy --new-file-system`;
}
