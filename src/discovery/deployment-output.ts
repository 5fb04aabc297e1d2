/**
 * What a deployment says of itself in one CloudFormation output, as JSON: all that a tool has to know to operate it.
 *
 * Written by the construct, read by the runtime; plain data, so that neither needs the other.
 */
export interface DeploymentOutput {
  /** Marks the output among others, and names this form of it. */
  readonly cdkVast: typeof OUTPUT_FORM;

  /** The deployment's name, unique in its stack: the construct's path below it. */
  readonly name: string;

  readonly region: string;
  readonly clusterName: string;
  readonly serviceName: string;
  readonly containerName: string;
  readonly taskDefinitionArn: string;
  readonly logGroupName: string;

  /** DNS name of the server, in the VPC and wherever its private hosted zone is associated. */
  readonly serverHostname: string;
  readonly serverPort: number;

  /** The engine's release, such as `v3.1.0`. */
  readonly engineVersion: string;

  /** The function that runs commands next to the server; left out where there is none. */
  readonly clientFunctionName?: string;
  readonly clientLogGroupName?: string;

  /** The bucket that commands use as scratch space; left out where there is none. */
  readonly workBucketName?: string;

  readonly vpcId: string;
  readonly subnetId: string;
  readonly securityGroupId: string;

  /** What one-off tasks next to the server are run from; left out by deployments from before there was one. */
  readonly extraTaskDefinitionArn?: string;

  /** The family of that task definition: its newest revision goes by this name. */
  readonly extraTaskFamily?: string;

  /** The security group of one-off tasks; they run in `subnetId`. */
  readonly extraTaskSecurityGroupId?: string;

  /** Its command is one word, a shell script. */
  readonly extraTaskContainerName?: string;

  /** Left out where the database is on the task's own disk. */
  readonly fileSystemId?: string;

  /** Whether the stack has created the file system, or was handed one that existed. */
  readonly fileSystemInStack?: boolean;

  readonly accessPointId?: string;
}

/** Increased when a reader of the earlier form would be misled. */
export const OUTPUT_FORM = 1;
