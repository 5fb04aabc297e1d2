import { AwsConnectionOptions } from './aws-source';

/** What is known of a deployment that is not found by its stack. */
export interface DeployedVastAttributes {
  /** The engine's release, such as `v3.1.0`. */
  readonly engineVersion: string;

  /** The ECS cluster that the server runs in. */
  readonly clusterName: string;

  /** The ECS service that the server is. */
  readonly serviceName: string;

  /** The log group of the server. */
  readonly logGroupName: string;

  /**
   * The function that runs commands next to the server.
   *
   * @default - there is none: a started server counts as ready when its health check passes, and no command can be run
   */
  readonly clientFunctionName?: string;
}

/** Which deployment is meant, and in which AWS it is. */
export interface DeployedVastProps extends AwsConnectionOptions {
  /**
   * The CloudFormation stack of the deployment, which has to have its discovery output.
   *
   * @default - `attributes` say what the deployment consists of
   */
  readonly stackName?: string;

  /**
   * The name of the deployment: the path of its construct below the stack, such as `Vast`.
   *
   * @default - the only one that the stack has
   */
  readonly deploymentName?: string;

  /**
   * What the deployment consists of, instead of `stackName`.
   *
   * @default - found by `stackName`
   */
  readonly attributes?: DeployedVastAttributes;
}
