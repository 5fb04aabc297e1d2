import { aws_ec2 as ec2, aws_ecs as ecs, aws_iam as iam, aws_logs as logs, Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { grantSessionKey, grantSessionRecords } from './session-rights';
import { VastVersion } from '../engine';
import { clientEnvironment } from '../engine/client-environment';

export interface ExtraTaskProps {
  readonly version: VastVersion;
  readonly vpc: ec2.IVpc;
  readonly server: ec2.IConnectable;
  readonly serverHostname: string;
  readonly cluster: ecs.ICluster;
  readonly cpuArchitecture: ecs.CpuArchitecture;
  readonly image?: ecs.ContainerImage;
  readonly executionRole: iam.IRole;
  readonly logGroup: logs.ILogGroup;
}

/** The name of the container in one-off tasks. */
export const EXTRA_TASK_CONTAINER = 'task';

/** Enough for the engine's client; the work is the server's. */
const CPU = 512;
const MEMORY_MIB = 1024;

/** Time for a look around through ECS Exec; after that the task is not forgotten, and billed, for ever. */
const IDLE_COMMAND = 'exec sleep 3600';

/** Where the server is, for the shell of a release whose client does not take it from the engine's own variable. */
const ENDPOINT = 'CDK_VAST_ENDPOINT';

/**
 * The definition of one-off tasks next to the server, without its database: a shell script with the engine's client.
 *
 * Whoever runs one gives the script as the only word of the container's command.
 */
export class ExtraTask extends Construct implements ec2.IConnectable {
  public readonly taskDefinition: ecs.FargateTaskDefinition;
  public readonly connections: ec2.Connections;

  constructor(scope: Construct, id: string, props: ExtraTaskProps) {
    super(scope, id);
    const { version } = props;
    const securityGroup = new ec2.SecurityGroup(this, 'SecurityGroup', {
      vpc: props.vpc, description: 'VAST one-off tasks', allowAllOutbound: false,
    });
    securityGroup.addEgressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(443), 'image registry and AWS services');
    this.connections = new ec2.Connections({ securityGroups: [securityGroup] });
    this.connections.allowTo(props.server, ec2.Port.tcp(version.port), 'VAST one-off tasks to their server');

    this.taskDefinition = new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: CPU,
      memoryLimitMiB: MEMORY_MIB,
      runtimePlatform: { cpuArchitecture: props.cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      executionRole: props.executionRole,
    });
    // What a session of ECS Exec takes; AWS gives these actions no resource.
    this.taskDefinition.addToTaskRolePolicy(new iam.PolicyStatement({
      actions: [
        'ssmmessages:CreateControlChannel', 'ssmmessages:CreateDataChannel', 'ssmmessages:OpenControlChannel', 'ssmmessages:OpenDataChannel',
      ],
      resources: ['*'],
    }));
    grantSessionKey(this.taskDefinition.taskRole, props.cluster);
    grantSessionRecords(this.taskDefinition.taskRole, props.cluster, props.logGroup);
    this.taskDefinition.addContainer(EXTRA_TASK_CONTAINER, {
      image: props.image ?? ecs.ContainerImage.fromRegistry(version.image),
      entryPoint: shellFor(version),
      command: [IDLE_COMMAND],
      environment: {
        ...clientEnvironment(version),
        [version._endpointFromEnvironment ? `${version.environmentPrefix}ENDPOINT` : ENDPOINT]: `${props.serverHostname}:${version.port}`,
        // An import is over when the server has it: the container ends with its script.
        [`${version.environmentPrefix}IMPORT__BLOCKING`]: 'true',
      },
      stopTimeout: Duration.seconds(120),
      // Signals reach the script, and what it leaves behind is collected.
      linuxParameters: new ecs.LinuxParameters(this, 'LinuxParameters', { initProcessEnabled: true }),
      logging: ecs.LogDrivers.awsLogs({ logGroup: props.logGroup, streamPrefix: 'task' }),
    });
  }
}

/** What runs the script that follows it. */
function shellFor(version: VastVersion): string[] {
  return version._endpointFromEnvironment ? ['/bin/sh', '-c'] : [
    '/bin/sh', '-c', `${version.clientCommand}() { command ${version.clientCommand} --endpoint="$${ENDPOINT}" "$@"; }; eval "$1"`, 'sh',
  ];
}
