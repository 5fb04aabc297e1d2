import { DeploymentOutput } from '../../discovery/deployment-output';
import { AwsConnection } from '../../runtime/aws-connection';
import { isBootstrapped } from '../../runtime/bootstrap';
import { findDeployments } from '../../runtime/discovery';
import { callerIdentity } from '../../runtime/doctor/identity';
import { DeploymentNotFoundError } from '../../runtime/errors';
import { findFileSystems } from '../../runtime/file-systems';
import { targetEnvironment } from '../aws-target';
import { cdkOrFail } from '../cdk';
import { checkConstructs, DEPLOYMENT_APP } from '../deployment-app';
import { requireDocker } from '../docker';
import { environmentWithDotEnv } from '../dot-env';
import { EXIT, UserError } from '../errors';
import { fixedZone } from '../fixed-network';
import { Interruptible, interruptible } from '../interruption';
import { refuseUnfitPeer } from '../peered-vpc';
import { tellNewName } from '../server-name';
import { readSettings, Settings, toEnvironment } from '../settings';
import { ACCOUNT_CONTEXT } from '../stack-account';

/** Options of `vast-cloud deploy`. */
export interface DeployOptions {
  readonly local?: boolean;
  readonly autoApprove?: boolean;
  readonly newFileSystem?: boolean;
  readonly bootstrap?: boolean;
  readonly quiet?: boolean;
}

/** Deploys what the variables describe, through the CDK CLI. */
export async function deploy(options: DeployOptions): Promise<number> {
  return interruptible('nothing was deployed', interruption => deployed(options, interruption));
}

async function deployed(options: DeployOptions, { signal, goesOn }: Interruptible): Promise<number> {
  const environment = environmentWithDotEnv();
  const settings = readSettings(environment);
  await checkConstructs(settings);
  if (!options.local && !options.autoApprove && !process.stdin.isTTY) {
    throw new UserError('deploy asks before it widens permissions, and there is no terminal to ask on: give --auto-approve');
  }
  if (!settings.clientImage && !options.local) {
    await requireDocker(environment);
  }
  const env = { ...await targetEnvironment(environment, options.local ?? false, settings.region), ...toEnvironment(settings) };
  const connection = new AwsConnection();
  const { account } = await callerIdentity(connection);
  await refuseUnfitPeer(connection, settings, account);
  const deployments = await deploymentsSoFar(connection, settings.stackName);
  for (const deployment of deployments) {
    // Without the variable, the CDK would take the first zone of the region, which need not be the one that it is in.
    env.VAST_AVAILABILITY_ZONE = await fixedZone(connection, deployment, settings);
  }
  tellNewName(deployments, settings, Boolean(environment.VAST_NAMESPACE?.trim()));
  if (!options.newFileSystem) {
    await refuseForgottenFileSystem(connection, deployments, settings);
  }
  if (!await isBootstrapped(connection)) {
    if (!options.local && !options.bootstrap) {
      throw new UserError(`the CDK is not bootstrapped in ${settings.region} of this account: `
        + 'vast-cloud deploy --bootstrap does it (once; it creates a bucket, a repository and roles for deployments)');
    }
    signal.throwIfAborted();
    goesOn('CloudFormation goes on with the bootstrapping of the CDK; nothing else was deployed');
    await cdkOrFail('bootstrapping the CDK', undefined, ['bootstrap', `aws://${account}/${settings.region}`], { env, capture: options.local || options.quiet });
  }
  const asks = !options.local && !options.autoApprove;
  signal.throwIfAborted();
  goesOn('CloudFormation goes on with what it has begun: vast-cloud doctor shows the state of the stack');
  const app = { ...DEPLOYMENT_APP, context: { [ACCOUNT_CONTEXT]: account } };
  await cdkOrFail('the deployment', app, ['deploy', '--require-approval', asks ? 'broadening' : 'never', settings.stackName],
    { env, capture: options.quiet && !asks });
  if (!options.quiet) {
    for (const deployment of await findDeployments(connection, settings.stackName)) {
      process.stderr.write(whatIsThere(deployment, settings));
    }
  }
  return EXIT.success;
}

/** The deployments of the stack; none where it does not exist yet. */
async function deploymentsSoFar(connection: AwsConnection, stackName: string): Promise<DeploymentOutput[]> {
  return findDeployments(connection, stackName).catch((error) => {
    if (error instanceof DeploymentNotFoundError) {
      return [];
    }
    throw error;
  });
}

/** What a user needs to know of the deployment next. */
function whatIsThere(deployment: DeploymentOutput, { clientCidrs, storage }: Settings): string {
  return [
    '',
    `The engine ${deployment.engineVersion} is at ${deployment.serverHostname}:${deployment.serverPort}, for clients in ${
      ['its subnet', ...clientCidrs].join(', ')}${clientCidrs.length === 0 ? ' (VAST_CLIENT_CIDRS lets others in)' : ''}.`,
    storage === 'EFS'
      ? `Its database is on ${deployment.fileSystemId}, which outlives the stack.`
      : 'Its database is on the task\'s own disk: it is gone with every restart.',
    `Its log is in ${deployment.logGroupName}.`,
    ...deployment.clientFunctionName ? [`Commands next to it are run by the function ${deployment.clientFunctionName}.`] : [],
    '',
  ].join('\n');
}

/**
 * A file system outlives its stack. Deploying without it would begin with a new, empty one, and nobody would notice
 * before they miss their data.
 */
async function refuseForgottenFileSystem(connection: AwsConnection, deployments: DeploymentOutput[], { stackName, storage, fileSystemId }: Settings) {
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
