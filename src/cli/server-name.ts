import { UserError } from './errors';
import { Settings } from './settings';
import { DeploymentOutput } from '../discovery/deployment-output';

/**
 * Lists the changes of the server's DNS name, which its clients do not know.
 *
 * @param chosen whether the user has named the namespace
 * @throws UserError where nobody has chosen the new name: a default may have changed
 */
export function newNames(deployments: DeploymentOutput[], { stackName, namespace }: Pick<Settings, 'stackName' | 'namespace'>, chosen: boolean): string[] {
  return deployments.flatMap(({ serverHostname }) => {
    const [host, ...earlier] = serverHostname.split('.');
    const name = `${host}.${namespace}`;
    if (serverHostname === '' || serverHostname === name) {
      return [];
    }
    const change = `the server of ${stackName} is ${serverHostname}, and would become ${name}`;
    if (!chosen) {
      throw new UserError(`${change}. Its clients do not know that name: VAST_NAMESPACE=${earlier.join('.')} keeps the old one, `
        + `VAST_NAMESPACE=${namespace} changes it`);
    }
    return [`${change}: give its clients the new name, and associate the new hosted zone with the peered VPC`];
  });
}
