import { OUTPUT_FORM, DeploymentOutput } from '../../../src/discovery/deployment-output';
import { AwsConnection } from '../../../src/runtime/aws-connection';
import { Server } from '../../../src/runtime/server';
import { EcsCalls } from '../../../src/runtime/server/ecs-calls';
import { FakeAws, FakeService } from '../fake-aws';
import { CLUSTER, definition, FakeEcs, SERVICE } from './fake-ecs';

export const DEPLOYMENT: DeploymentOutput = {
  cdkVast: OUTPUT_FORM,
  name: 'Vast',
  region: 'eu-west-1',
  clusterName: CLUSTER,
  serviceName: SERVICE,
  containerName: 'engine',
  taskDefinitionArn: definition('Server'),
  logGroupName: '/vast/server',
  serverHostname: 'vast-server.vast.internal',
  serverPort: 5158,
  engineVersion: 'v6.20.0',
  clientFunctionName: 'Client',
  clientLogGroupName: '/vast/client',
  vpcId: 'vpc-1',
  subnetId: 'subnet-1',
  securityGroupId: 'sg-server',
  extraTaskDefinitionArn: definition('Extra'),
  extraTaskFamily: 'Extra',
  extraTaskSecurityGroupId: 'sg-extra',
  extraTaskContainerName: 'task',
};

/** What CloudFormation says of the stack `VastCloud` with a deployment. */
export function stackWith(description: string, status: string, deployment: Partial<DeploymentOutput> = {}): string {
  const output = JSON.stringify({ ...DEPLOYMENT, ...deployment }).replaceAll('"', '&quot;');
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>VastCloud</StackName><StackStatus>${status}</StackStatus>`
    + `<Description>${description}</Description><Outputs><member><OutputKey>Vast</OutputKey><OutputValue>${output}</OutputValue></member></Outputs>`
    + '</member></Stacks></DescribeStacksResult></DescribeStacksResponse>';
}

/** Waits of tests look often, and give up before the test does. */
export const QUICK = { pollSeconds: 0.01, timeoutSeconds: 20 };

/** A server of the runtime before a fake AWS. */
export class FakeServer {
  public static async open(more: FakeService = {}, deployment: Partial<DeploymentOutput> = {}): Promise<FakeServer> {
    const ecs = new FakeEcs();
    const state = { exitCode: 0, logLines: ['the first line', 'the last line'] };
    const aws = await FakeAws.open({
      ...ecs.actions,
      Invoke: () => ({ exitCode: state.exitCode, stdout: '', stderr: state.exitCode === 0 ? '' : 'no engine answers', timedOut: false }),
      GetLogEvents: () => ({ events: state.logLines.map(message => ({ message, timestamp: 1, ingestionTime: 1 })) }),
      ...more,
    });
    return new FakeServer(aws, ecs, state, { ...DEPLOYMENT, ...deployment });
  }

  public readonly server: Server;
  public readonly calls: EcsCalls;
  private readonly connection: AwsConnection;

  private constructor(
    public readonly aws: FakeAws,
    public readonly ecs: FakeEcs,
    /** What the client's commands end with, and what the server's log says. */
    public readonly state: { exitCode: number; logLines: string[] },
    deployment: DeploymentOutput,
  ) {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' });
    this.connection = new AwsConnection({ endpoint: aws.endpoint, region: 'eu-west-1' });
    this.server = new Server(this.connection, deployment);
    this.calls = new EcsCalls(this.connection, deployment);
  }

  /** What the desired count was set to, in order. */
  public counts(): unknown[] {
    return this.aws.inputsOf('UpdateService').map(({ desiredCount }) => desiredCount);
  }

  public async close(): Promise<void> {
    this.connection.close();
    await this.aws.close();
  }
}

/** The error that a promise is rejected with. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(value => { throw new Error(`it succeeded: ${JSON.stringify(value)}`); }, (error: Error) => error);
}
