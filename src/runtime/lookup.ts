import { AwsConnection } from './aws-connection';
import { DeployedVastAttributes, DeployedVastProps } from './deployed-vast-props';
import { findDeployment } from './discovery';
import { InvalidInputError } from './errors';
import { DeploymentOutput, OUTPUT_FORM } from '../discovery/deployment-output';

/**
 * Makes something of a deployment that is found when it is first needed, and then kept.
 *
 * @throws InvalidInputError where neither `stackName` nor `attributes` is given, or both are
 */
export function lookup<T>(props: DeployedVastProps, make: (connection: AwsConnection, deployment: DeploymentOutput) => T): () => Promise<T> {
  const { stackName, attributes, deploymentName } = props;
  if ((stackName === undefined) === (attributes === undefined)) {
    throw new InvalidInputError('a deployment is found by stackName, or described by attributes: give one of them');
  }
  const connection = new AwsConnection(props);
  let made: Promise<T> | undefined;
  return async () => {
    made ??= (attributes ? Promise.resolve(outputOf(attributes)) : findDeployment(connection, stackName!, deploymentName))
      .then(deployment => make(connection, deployment));
    try {
      return await made;
    } catch (error) {
      // Whoever asks again may have deployed or logged in meanwhile.
      made = undefined;
      throw error;
    }
  };
}

/** What a stack would have said. */
function outputOf(attributes: DeployedVastAttributes): DeploymentOutput {
  return {
    ...attributes,
    cdkVast: OUTPUT_FORM,
    name: attributes.serviceName,
    region: '',
    containerName: 'engine',
    taskDefinitionArn: '',
    serverHostname: '',
    serverPort: 0,
    vpcId: '',
    subnetId: '',
    securityGroupId: '',
  };
}
