import { commandOutput } from './command-output';
import { CommandOptions, CommandOutput } from './deployed-client';
import { DeployedVastProps } from './deployed-vast-props';
import { lookup } from './lookup';
import type { Server, ServerDescription, ServerStatus, StartedServer, StoppedServer, TaskDescription } from './server';

/** How long is waited. */
export interface WaitTime {
  /**
   * Seconds after which waiting is given up, 0 or more. What AWS was told to do goes on.
   *
   * @default 600
   */
  readonly timeoutSeconds?: number;
}

/** A task that is run beside the server. */
export interface ExtraTaskOptions {
  /**
   * A script for `/bin/sh`.
   *
   * @default - it waits for an hour, for somebody to look inside
   */
  readonly script?: string;

  /**
   * Environment variables, besides those of its task definition.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };
}

/** Where a command is run through ECS Exec, and what it is called with. */
export interface ExecuteOptions extends CommandOptions {
  /**
   * The id or the ARN of a task in the cluster of the deployment.
   *
   * @default - the server
   */
  readonly taskId?: string;

  /**
   * The name of one of the containers of the task.
   *
   * @default - the one that runs the engine, or the extra task; the only one that is not AWS's own in other tasks
   */
  readonly containerName?: string;

  /**
   * The shell that runs the command, by its absolute path, such as `/bin/bash`.
   *
   * @default /bin/sh
   */
  readonly shell?: string;

  /**
   * Seconds after which the command is stopped when it has neither printed anything nor taken anything of its input for as
   * long.
   *
   * @default - as long as it likes
   */
  readonly idleTimeoutSeconds?: number;

  /**
   * Seconds after which the command is stopped when nothing has come from this process for as long: because it was killed, is
   * suspended, or has no connection. 10 or more; AWS ends the session after 20 minutes in any case.
   *
   * @default 600
   */
  readonly orphanTimeoutSeconds?: number;
}

/** Which part of a log is read. */
export interface LogRange {
  /**
   * Only what was written from then on. In Python it has to have a time zone.
   *
   * @default - from the beginning
   */
  readonly since?: Date;

  /**
   * Only so many lines, the newest: a whole number.
   *
   * @default - all of them
   */
  readonly last?: number;

  /**
   * Only what this task, by its id, has written.
   *
   * @default - all tasks
   */
  readonly taskId?: string;
}

/** Loaded with the first call: whoever imports the package for its constructs makes none. */
function serverModule(): typeof import('./server') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./server') as typeof import('./server');
}

/** The server of a deployment. */
export class DeployedServer {
  private readonly opened: () => Promise<Server>;

  /**
   * It is an error if neither `stackName` nor `attributes` is given, or both are.
   *
   * @throws InvalidInputError
   */
  constructor(props: DeployedVastProps) {
    this.opened = lookup(props, (connection, deployment) => new (serverModule().Server)(connection, deployment));
  }

  /**
   * Starts the server and returns when its engine answers. One that runs is left as it is.
   *
   * A start that fails leaves a server that was stopped stopped, and says why its task has ended. From then on CPU and memory
   * are billed.
   *
   * @throws StartFailedError, CrashLoopError, ServerChangedError, WaitTimeoutError
   */
  public async start(options: WaitTime = {}): Promise<StartedServer> {
    return (await this.opened()).start(options);
  }

  /**
   * Stops the server and returns when its container has ended, so that nothing is written any more.
   *
   * Fargate is not billed any more then; the NAT gateway and the file system are.
   *
   * @throws ServerChangedError, WaitTimeoutError
   */
  public async stop(options: WaitTime = {}): Promise<StoppedServer> {
    return (await this.opened()).stop(options);
  }

  /**
   * Stops the server, waits until its container has ended, and starts it. A stopped one is started.
   *
   * @throws StartFailedError, CrashLoopError, ServerChangedError, WaitTimeoutError
   */
  public async restart(options: WaitTime = {}): Promise<StartedServer> {
    return (await this.opened()).restart(options);
  }

  /** What the server is doing, and whether its engine answers. */
  public async status(): Promise<ServerStatus> {
    return (await this.opened()).status();
  }

  /**
   * The one running task of the server; it is an error if none or several run.
   *
   * @throws ServerNotRunningError, SeveralServersError
   */
  public async describe(): Promise<ServerDescription> {
    return (await this.opened()).describe();
  }

  /** The tasks of the deployment: the server's, and those that were run beside it. */
  public async tasks(): Promise<TaskDescription[]> {
    return (await this.opened()).tasks();
  }

  /**
   * Runs a task beside the server, without its database, and returns when ECS has made it.
   *
   * It costs about 0.025 USD per hour (us-east-1), until its script ends.
   *
   * @throws InvalidInputError, NotInDeploymentError, RunTaskFailedError
   */
  public async runTask(options: ExtraTaskOptions = {}): Promise<TaskDescription> {
    return (await this.opened()).runTask({ command: options.script, environment: options.environment });
  }

  /**
   * Runs a shell script in the container of the server, or of another task, through ECS Exec, and returns when it has ended.
   * Another exit code than 0 is no error.
   *
   * The agent of ECS Exec passes on about 1 MB a second: for more output use the client, or let the script put it into S3.
   * The image needs `/bin/sh` and the programs of coreutils or BusyBox; what is missing is named.
   *
   * @throws InvalidInputError; ServerNotRunningError, SeveralServersError, ExecTargetError, ExecNotEnabledError, ExecAgentError,
   *   SessionUnknownError and WaitTimeoutError where there is no session; CommandNotStartedError and MissingProgramsError where
   *   the script certainly was not run; ExecOutcomeUnknownError where its end was not seen
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
   */
  public async execute(command: string, options: ExecuteOptions = {}): Promise<CommandOutput> {
    const { environment: env, ...others } = options;
    const run = await (await this.opened()).execute(command, { ...others, env });
    return commandOutput(run, run.sessionId);
  }

  /**
   * Stops the server and every task beside it, and returns them when their containers have ended.
   *
   * @throws ServerChangedError, WaitTimeoutError
   */
  public async stopAllTasks(options: WaitTime = {}): Promise<TaskDescription[]> {
    return (await this.opened()).stopAllTasks(options);
  }

  /**
   * Lines of the server's log, oldest first.
   *
   * @throws InvalidInputError, LogNotFoundError
   */
  public async logs(options: LogRange = {}): Promise<string[]> {
    const lines: string[] = [];
    await (await this.opened()).logs({ ...options, onEvent: ({ message }) => void lines.push(message) });
    return lines;
  }
}
