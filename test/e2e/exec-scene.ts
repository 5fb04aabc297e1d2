import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { ECSClient } from '@aws-sdk/client-ecs';
import { docker, eventually, ROOT } from './scene';
import { enterLocalAws } from '../../src/cli/aws-target';
import { LocalAws, startLocalAws, stopLocalAws } from '../../src/cli/local-aws';
import type { DeploymentOutput } from '../../src/discovery/deployment-output';
import { AwsConnection } from '../../src/runtime/aws-connection';
import { awsSdk } from '../../src/runtime/aws-sdk';
import { EcsCalls } from '../../src/runtime/server/ecs-calls';

/** As ExecuteCommand gives it. */
export interface ExecSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

/** A local AWS with one task that does nothing but wait for commands. */
export class ExecScene {
  public static async open(name: string): Promise<ExecScene> {
    const instance = `e2e-${name}-${process.pid}`;
    const local = await startLocalAws(instance, () => undefined);
    const scene = new ExecScene(instance, local, enterLocalAws(local));
    try {
      await scene.runTask();
    } catch (error) {
      await scene.close();
      throw error;
    }
    return scene;
  }

  public target = '';

  private readonly ecs: ECSClient;
  private task = '';

  private constructor(private readonly instance: string, public readonly local: LocalAws, public readonly env: NodeJS.ProcessEnv) {
    this.ecs = new (awsSdk('ecs').ECSClient)({});
  }

  /** What sessions from now on are like; see the README of `local-aws`. */
  public async switch(switches: object): Promise<void> {
    const secret = readFileSync(path.join(this.local.stateDir, 'secret'), 'utf8');
    const response = await fetch(`${this.local.endpoint}/_cdk_vast/exec`, {
      method: 'PUT', body: JSON.stringify(switches), headers: { Authorization: `Bearer ${secret}` },
    });
    if (!response.ok) throw new Error(await response.text());
  }

  /** The file that gets every frame while `recordFile` of the switches is its name. */
  public recording(name: string): string {
    return path.join(this.local.stateDir, 'recordings', name);
  }

  public async execute(command: string): Promise<ExecSession> {
    const { ExecuteCommandCommand } = awsSdk('ecs');
    const { session } = await this.ecs.send(new ExecuteCommandCommand({ cluster: 'exec', task: this.task, command, interactive: true }));
    return session as ExecSession;
  }

  /** Where our own client opens its sessions. */
  public get calls(): EcsCalls {
    const deployment: Partial<DeploymentOutput> = { region: this.local.env.AWS_REGION, clusterName: 'exec', serviceName: 'none' };
    return new EcsCalls(new AwsConnection(), deployment as DeploymentOutput);
  }

  public get taskId(): string {
    return this.task.split('/').at(-1)!;
  }

  /** How the cluster wants its sessions. */
  public async configure(executeCommandConfiguration: object): Promise<void> {
    const { UpdateClusterCommand } = awsSdk('ecs');
    await this.ecs.send(new UpdateClusterCommand({ cluster: 'exec', configuration: { executeCommandConfiguration } }));
  }

  /** A key of the local KMS, by its ARN. */
  public async makeKey(): Promise<string> {
    const { CreateKeyCommand, KMSClient } = awsSdk('kms');
    const kms = new KMSClient({});
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    kms.destroy();
    return KeyMetadata?.Arn ?? '';
  }

  /** Nothing is encrypted or decrypted with it any more. */
  public async disableKey(keyId: string): Promise<void> {
    const { DisableKeyCommand, KMSClient } = awsSdk('kms');
    const kms = new KMSClient({});
    await kms.send(new DisableKeyCommand({ KeyId: keyId }));
    kms.destroy();
  }

  /** The command line of the official plugin for a session. */
  public pluginArguments(session: ExecSession): string[] {
    const answer = { SessionId: session.sessionId, StreamUrl: session.streamUrl, TokenValue: session.tokenValue };
    return [JSON.stringify(answer), this.local.env.AWS_REGION, 'StartSession', '', JSON.stringify({ Target: this.target }), this.local.endpoint];
  }

  public async close(): Promise<void> {
    this.ecs.destroy();
    await stopLocalAws(this.instance, () => undefined);
    expect(await docker('ps', '--all', '--quiet', '--filter', `label=cdk-vast.local-aws=${this.instance}`)).toBe('');
  }

  private async runTask(): Promise<void> {
    const { CreateClusterCommand, DescribeTasksCommand, RegisterTaskDefinitionCommand, RunTaskCommand } = awsSdk('ecs');
    await this.ecs.send(new CreateClusterCommand({
      clusterName: 'exec', configuration: { executeCommandConfiguration: { logging: 'NONE' } },
    }));
    await this.ecs.send(new RegisterTaskDefinitionCommand({
      family: 'exec',
      cpu: '1024',
      memory: '512',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [{ name: 'main', image: baseImage(), entryPoint: ['sleep', 'infinity'], linuxParameters: { initProcessEnabled: true } }],
    }));
    const { tasks } = await this.ecs.send(new RunTaskCommand({
      cluster: 'exec',
      taskDefinition: 'exec',
      enableExecuteCommand: true,
      networkConfiguration: { awsvpcConfiguration: { subnets: [await this.subnet()] } },
    }));
    this.task = tasks?.[0].taskArn ?? '';
    const container = await eventually('the agent runs', async () => {
      const described = await this.ecs.send(new DescribeTasksCommand({ cluster: 'exec', tasks: [this.task] }));
      const [found] = described.tasks?.[0].containers ?? [];
      return found.managedAgents?.[0].lastStatus === 'RUNNING' ? found : undefined;
    });
    this.target = `ecs:exec_${this.taskId}_${container.runtimeId}`;
  }

  private async subnet(): Promise<string> {
    const { DescribeSubnetsCommand, EC2Client } = awsSdk('ec2');
    const ec2 = new EC2Client({});
    const { Subnets } = await ec2.send(new DescribeSubnetsCommand({}));
    ec2.destroy();
    return Subnets?.[0].SubnetId ?? '';
  }
}

/** The image that stands below the engine's: it has a shell, perl and coreutils. */
function baseImage(): string {
  const program = 'from local_aws import engine_image as e; from local_aws.say import say; e.ensure_base(say); print(e.BASE)';
  const { status, stdout, stderr } = spawnSync('python3', ['-c', program], { cwd: path.join(ROOT, 'local-aws'), encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim();
}
