// What ECS says, as far as it is read here. These are plain types, not those of the AWS SDK: users of `cdk-vast/runtime`
// get the declarations of this room, and need not have the SDK.

/** A service, as DescribeServices has it. */
export interface EcsService {
  readonly serviceName?: string;
  readonly status?: string;
  readonly desiredCount?: number;
  readonly runningCount?: number;
  readonly pendingCount?: number;
  readonly deployments?: readonly { readonly id?: string; readonly status?: string; readonly rolloutState?: string }[];
  readonly events?: readonly { readonly createdAt?: Date; readonly message?: string }[];
}

/** A task, as DescribeTasks has it. */
export interface EcsTask {
  readonly taskArn?: string;
  readonly taskDefinitionArn?: string;
  readonly group?: string;
  readonly lastStatus?: string;
  readonly desiredStatus?: string;
  readonly enableExecuteCommand?: boolean;
  readonly healthStatus?: string;
  readonly startedBy?: string;
  readonly createdAt?: Date;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers?: readonly EcsContainer[];
  readonly attachments?: readonly { readonly details?: readonly { readonly name?: string; readonly value?: string }[] }[];
}

/** A container of a task. */
export interface EcsContainer {
  readonly name?: string;
  readonly lastStatus?: string;
  readonly healthStatus?: string;
  readonly runtimeId?: string;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly networkInterfaces?: readonly { readonly privateIpv4Address?: string }[];
  readonly managedAgents?: readonly { readonly name?: string; readonly lastStatus?: string; readonly reason?: string }[];
}

/** What RunTask is asked for. */
export interface EcsRunTask {
  readonly taskDefinition: string;
  readonly clientToken: string;
  readonly count: number;
  readonly launchType: 'FARGATE';
  readonly enableExecuteCommand: boolean;
  readonly startedBy: string;
  readonly propagateTags: 'TASK_DEFINITION';
  readonly enableECSManagedTags: boolean;
  readonly networkConfiguration: {
    readonly awsvpcConfiguration: { readonly subnets: string[]; readonly securityGroups: string[]; readonly assignPublicIp: 'DISABLED' };
  };
  readonly overrides?: {
    readonly containerOverrides: {
      readonly name: string;
      readonly command?: string[];
      readonly environment?: { readonly name: string; readonly value: string }[];
    }[];
  };
}

/** What RunTask answers. */
export interface EcsRunTaskAnswer {
  readonly tasks?: readonly EcsTask[];
  readonly failures?: readonly { readonly reason?: string; readonly detail?: string }[];
}
