import { DeploymentOutput } from '../../discovery/deployment-output';
import { DoneStep } from '../progress';

/** What was deployed, and how long each step took. */
export function summary(deployment: DeploymentOutput, steps: DoneStep[]): string {
  const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
  const longest = Math.max(...steps.map(({ seconds }) => seconds));
  const width = Math.max(...steps.map(({ title }) => title.length));
  const facts: [string, string][] = [
    ['engine', `${deployment.engineVersion} at ${deployment.serverHostname}:${deployment.serverPort}`],
    ['network', `${deployment.vpcId}, subnet ${deployment.subnetId}`],
    ['server', `service ${deployment.serviceName} in cluster ${deployment.clusterName}`],
    ['client', `function ${deployment.clientFunctionName}`],
    ['database', `file system ${deployment.fileSystemId}, access point ${deployment.accessPointId}`],
    ['logs', deployment.logGroupName],
  ];
  return [
    '',
    'What was deployed, and is gone again:',
    ...facts.map(([name, value]) => `  ${name.padEnd(10)}${value}`),
    '',
    'How long it took:',
    ...steps.map(({ title, seconds }) =>
      `  ${title.padEnd(width)}${seconds.toFixed(1).padStart(7)} s  ${'▇'.repeat(Math.max(1, Math.round(seconds / longest * 20)))}`),
    `  ${'altogether'.padEnd(width)}${total.toFixed(1).padStart(7)} s`,
    '',
    'On AWS it is the same with your own VPC: put the variables into .env and run ./vast-cloud deploy.',
    '',
  ].join('\n');
}
