import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Finding, ok, check, wrong } from './finding';
import { cdkProgram } from '../cdk';
import { checkConstructs } from '../deployment-app';
import { requireDocker } from '../docker';
import { PACKAGE_ROOT } from '../package-root';
import { readSettings } from '../settings';

/** The version of Node.js that runs this. */
export async function checkNode(version = process.versions.node): Promise<Finding[]> {
  return check('node', async () => {
    const { engines } = packageAt(PACKAGE_ROOT) as { engines: { node: string } };
    const floor = engines.node.replace(/^\D+/, '');
    return version.localeCompare(floor, 'en', { numeric: true }) >= 0
      ? ok(`v${version}`)
      : wrong(`v${version} is too old: install ${floor} or newer (https://nodejs.org)`);
  });
}

/** The variables, on their own and as the constructs see them. */
export async function checkSettings(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  return check('settings', async () => {
    const settings = readSettings(environment);
    await checkConstructs(settings);
    return ok(`${settings.version.name} in ${settings.cidr} of ${settings.region}, ${
      settings.peeredVpcId ? `peered with ${settings.peeredVpcId}` : 'peered with nothing'}, as the stack ${settings.stackName}`);
  });
}

/** The Docker that builds the client's image. */
export async function checkDocker(environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  return check('docker', async () => {
    const clientImage = environment.VAST_CLIENT_IMAGE?.trim();
    if (clientImage) {
      return ok(`not needed for VAST_CLIENT_IMAGE=${clientImage}`);
    }
    await requireDocker(environment);
    return ok('it answers');
  });
}

/** The CDK CLI, which deploys and destroys. */
export async function checkCdk(): Promise<Finding[]> {
  return check('cdk', async () => {
    const { version } = packageAt(path.resolve(cdkProgram(), '..', '..')) as { version: string };
    return version.startsWith('2.') ? ok(version) : wrong(`the CDK CLI is ${version}, which is not of the line 2: npm install aws-cdk@2`);
  });
}

function packageAt(directory: string): unknown {
  return JSON.parse(readFileSync(path.join(directory, 'package.json'), 'utf8'));
}
