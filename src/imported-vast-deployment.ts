import { aws_ec2 as ec2, aws_lambda as lambda, aws_logs as logs } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { VastDeploymentBase } from './vast-deployment-base';

/** What is known of a deployment that was defined elsewhere. */
export interface VastDeploymentAttributes {
  /** The ECS cluster that the server runs in. */
  readonly clusterName: string;

  /** The ECS service that the server is. */
  readonly serviceName: string;

  /** The private DNS name of the server, such as `vast-server.vast.internal`. */
  readonly serverHostname: string;

  /** The TCP port that the engine listens on: 42000 before v3.0.0, 5158 from there on. */
  readonly serverPort: number;

  /** The server's security group. */
  readonly securityGroup: ec2.ISecurityGroup;

  /**
   * The server's log group.
   *
   * @default - not known, so `grantOperate` does not give access to it
   */
  readonly logGroup?: logs.ILogGroup;

  /**
   * The function that is the client.
   *
   * @default - not known, so `grantInvokeClient` refuses
   */
  readonly clientFunction?: lambda.IFunction;
}

/** A deployment of which no more is known than its attributes. */
export class ImportedVastDeployment extends VastDeploymentBase {
  public readonly clusterName: string;
  public readonly serviceName: string;
  public readonly serverHostname: string;
  public readonly serverPort: number;
  public readonly connections: ec2.Connections;
  public readonly clientFunction?: lambda.IFunction;
  protected readonly serverLogs?: logs.ILogGroup;

  constructor(scope: Construct, id: string, attributes: VastDeploymentAttributes) {
    super(scope, id);
    this.clusterName = attributes.clusterName;
    this.serviceName = attributes.serviceName;
    this.serverHostname = attributes.serverHostname;
    this.serverPort = attributes.serverPort;
    this.serverLogs = attributes.logGroup;
    this.clientFunction = attributes.clientFunction;
    this.connections = new ec2.Connections({
      securityGroups: [attributes.securityGroup], defaultPort: ec2.Port.tcp(attributes.serverPort),
    });
  }
}
