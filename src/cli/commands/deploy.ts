import { DeploymentOutput } from '../../discovery/deployment-output';
import { unlessDenied } from '../../runtime/aws-call-error';
import { AwsConnection } from '../../runtime/aws-connection';
import { isBootstrapped } from '../../runtime/bootstrap';
import { findDeployments } from '../../runtime/discovery';
import { findCaller, homeRegion } from '../../runtime/doctor/identity';
import { findStack } from '../../runtime/doctor/stack';
import { Server } from '../../runtime/server';
import { unlessAborted } from '../../runtime/waiting';
import { targetEnvironment } from '../aws-target';
import { cdkOrFail } from '../cdk';
import { checkConstructs, DEPLOYMENT_APP } from '../deployment-app';
import { requireDocker } from '../docker';
import { seeFileSystem, seeRegion, seeStack } from '../doctor/account-checks';
import { requireRight } from '../doctor/finding';
import { environmentWithDotEnv } from '../dot-env';
import { EXIT, UserError } from '../errors';
import { fixedZone, requireZone } from '../fixed-network';
import { Interruptible, interruptible } from '../interruption';
import { refuseForgottenFileSystem } from '../left-database';
import { refuseUnfitPeer } from '../peered-vpc';
import { newNames } from '../server-name';
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
  const environment = environmentWithDotEnv();
  return interruptible('nothing was deployed', async (interruption) => {
    const settings = readSettings(environment);
    await checkConstructs(settings);
    const prepared = await unlessAborted(interruption.signal, () => prepare(options, environment, settings));
    return deployed(options, settings, prepared, interruption);
  });
}

/** The input of a deployment that has passed all checks. */
interface Prepared {
  readonly connection: AwsConnection;
  readonly account: string;
  readonly bootstrapped: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The deployments that are in the stack already. */
  readonly deployments: DeploymentOutput[];
}

/** Checks this machine and what is in AWS; changes nothing. */
async function prepare(options: DeployOptions, environment: NodeJS.ProcessEnv, settings: Settings): Promise<Prepared> {
  if (!options.local && !options.autoApprove && !process.stdin.isTTY) {
    throw new UserError('deploy asks before it widens permissions, and there is no terminal to ask on: give --auto-approve');
  }
  if (!settings.clientImage && !options.local) {
    await requireDocker(environment);
  }
  const env = { ...await targetEnvironment(environment, options.local ?? false, settings.region), ...toEnvironment(settings) };
  const connection = new AwsConnection();
  const { account, regionState } = await findCaller(connection, new AwsConnection({ region: homeRegion(settings.region) }), settings.region);
  requireRight(seeRegion(settings.region, regionState));
  const stack = await findStack(connection, settings.stackName);
  const deployments = stack?.deployments ?? [];
  await requireAll([
    () => requireRight(seeStack(settings.stackName, stack)),
    async () => settings.fileSystemId && requireRight(await unlessDenied(seeFileSystem(connection, settings.fileSystemId, settings, stack))),
    () => requireZone(connection, settings),
    () => refuseUnfitPeer(connection, settings, account),
    async () => {
      for (const deployment of deployments) {
        // Without the variable, the CDK would take the first zone of the region, which need not be the one that it is in.
        env.VAST_AVAILABILITY_ZONE = await fixedZone(connection, deployment, settings);
      }
    },
    () => newNames(deployments, settings, Boolean(environment.VAST_NAMESPACE?.trim())).forEach(name => process.stderr.write(`${name}\n`)),
    async () => options.newFileSystem || refuseForgottenFileSystem(connection, deployments, settings),
  ]);
  const bootstrapped = await isBootstrapped(connection);
  if (!bootstrapped && !options.local && !options.bootstrap) {
    throw new UserError(`the CDK is not bootstrapped in ${settings.region} of this account: `
      + 'vast-cloud deploy --bootstrap does it (once; it creates a bucket, a repository and roles for deployments)');
  }
  return { connection, account, bootstrapped, env, deployments };
}

async function deployed(options: DeployOptions, settings: Settings, prepared: Prepared, { signal, goesOn }: Interruptible): Promise<number> {
  const { connection, account, bootstrapped, env, deployments } = prepared;
  if (!bootstrapped) {
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
      const status = await new Server(connection, deployment).status().catch(() => undefined);
      const earlier = deployments.find(({ name }) => name === deployment.name)?.fileSystemId;
      process.stderr.write(whatIsThere(deployment, settings, { stopped: status?.desiredCount === 0, earlier }));
    }
  }
  return EXIT.success;
}

/**
 * Makes all checks of what is in AWS. Each throws a UserError for a deployment that could not succeed or would destroy
 * something.
 *
 * @throws UserError that lists all problems
 */
async function requireAll(checks: (() => unknown)[]): Promise<void> {
  const problems: string[] = [];
  for (const one of checks) {
    try {
      await one();
    } catch (error) {
      if (!(error instanceof UserError)) {
        throw error;
      }
      problems.push(error.message);
    }
  }
  if (problems.length > 0) {
    throw new UserError(problems.join('\n'));
  }
}

/** What a user needs to know of the deployment next. */
function whatIsThere(
  deployment: DeploymentOutput, { clientCidrs, storage }: Settings, { stopped, earlier }: { readonly stopped: boolean; readonly earlier?: string },
): string {
  return [
    '',
    `The engine ${deployment.engineVersion} is at ${deployment.serverHostname}:${deployment.serverPort}, for clients in ${
      ['its subnet', ...clientCidrs].join(', ')}${clientCidrs.length === 0 ? ' (VAST_CLIENT_CIDRS lets others in)' : ''}.`,
    storage === 'EFS'
      ? `Its database is on ${deployment.fileSystemId}, which outlives the stack.`
      : 'Its database is on the task\'s own disk: it is gone with every restart.',
    ...earlier && earlier !== deployment.fileSystemId
      ? [`The earlier database is still on ${earlier}: VAST_SERVER_STORAGE_TYPE=EFS and VAST_FILE_SYSTEM_ID=${earlier} use it again.`] : [],
    `Its log is in ${deployment.logGroupName}.`,
    ...stopped ? ['The server is stopped: vast-cloud start-vast-server starts it.'] : [],
    ...deployment.clientFunctionName ? [`Commands next to it are run by the function ${deployment.clientFunctionName}.`] : [],
    '',
  ].join('\n');
}
