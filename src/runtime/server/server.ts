import { DeploymentOutput } from '../../discovery/deployment-output';
import { AwsConnection } from '../aws-connection';
import { WaitTimeoutError } from '../errors';
import { CapturedResult } from '../exec/captured';
import { execute, ExecuteOptions, SHELL_COMMAND } from '../exec/execute';
import { openSession, OpenSessionOptions } from '../exec/open-session';
import { SessionChannel } from '../exec/session';
import { sharedTime, WaitOptions } from '../waiting';
import { EcsCalls } from './ecs-calls';
import { LogOptions, readLogs } from './logs';
import { runTask, RunTaskOptions } from './run-task';
import { ServerStatus } from './server-status';
import { StartedServer, startServer } from './start';
import { serverStatus, StatusOptions } from './status';
import { StoppedServer, stopServer } from './stop';
import { stopAllTasks } from './stop-all';
import { TaskDescription } from './task-description';
import { describeServer, listTasks, ServerDescription } from './tasks';

/**
 * The server of a deployment: starts it, stops it, and says how it is.
 *
 * Every method fails with an AwsCallError where a call to AWS does, and with a DeploymentNotFoundError where the service
 * is gone. Those that wait fail with a WaitTimeoutError when the time is over, and with the reason of the signal.
 */
export class Server {
  private readonly ecs: EcsCalls;

  public constructor(connection: AwsConnection, deployment: DeploymentOutput) {
    this.ecs = new EcsCalls(connection, deployment);
  }

  /**
   * Starts the server, and returns when its engine answers. One that is running is left as it is.
   *
   * A start that fails, or is not through when its time is over, leaves a server that was stopped stopped. One that is
   * ended by the signal goes on.
   *
   * @throws CrashLoopError where the engine ends twice; StartFailedError where its task does not come to life twice;
   *   ServerChangedError where somebody else stops it meanwhile
   */
  public async start(options: WaitOptions = {}): Promise<StartedServer> {
    return startServer(this.ecs, options);
  }

  /**
   * Stops the server, and returns when its container has ended, so that nothing is written any more.
   *
   * @throws ServerChangedError where somebody else starts it meanwhile
   */
  public async stop(options: WaitOptions = {}): Promise<StoppedServer> {
    return stopServer(this.ecs, options);
  }

  /**
   * Stops the server, waits until its container has ended, and starts it. A stopped one is started.
   *
   * The time-out is for all of it. A start that fails leaves the server stopped.
   *
   * @throws what `stop` and `start` throw
   */
  public async restart(options: WaitOptions = {}): Promise<StartedServer> {
    const left = sharedTime(options);
    try {
      await this.stop(left());
    } catch (error) {
      if (error instanceof WaitTimeoutError) {
        throw new WaitTimeoutError(`${error.message}. The server was not started again: start it when it has stopped`);
      }
      throw error;
    }
    return this.start(left());
  }

  /** What the server is doing. */
  public async status(options: StatusOptions = {}): Promise<ServerStatus> {
    return serverStatus(this.ecs, options);
  }

  /**
   * The one running task of the server.
   *
   * @throws ServerNotRunningError, SeveralServersError
   */
  public async describe(): Promise<ServerDescription> {
    return describeServer(this.ecs);
  }

  /** All tasks of the deployment, the server's and extra ones: those that are there, and those that ended within the last hour or so. */
  public async tasks(): Promise<TaskDescription[]> {
    return listTasks(this.ecs);
  }

  /**
   * Runs an extra task beside the server, once.
   *
   * @throws RunTaskFailedError where ECS does not make it, or it does not come to life while it is waited for;
   *   NotInDeploymentError where the deployment has no definition of it; InvalidInputError
   */
  public async runTask(options: RunTaskOptions = {}): Promise<TaskDescription> {
    return runTask(this.ecs, options);
  }

  /**
   * Stops the server and all extra tasks, and returns them when their containers have ended. It needs neither the service nor
   * the cluster to be there still.
   *
   * @throws ServerChangedError where somebody else starts the server meanwhile
   */
  public async stopAllTasks(options: WaitOptions = {}): Promise<TaskDescription[]> {
    return stopAllTasks(this.ecs, options);
  }

  /**
   * Runs a script in the container of the server, or of another task, through ECS Exec, and waits for its end. What exit
   * code it has is not an error.
   *
   * The agent of ECS Exec passes on about 1 MB/s. The script, its environment and its input do not show in the request.
   *
   * @throws what `openSession` throws; CommandNotStartedError where the script was not run; ExecOutcomeUnknownError where its
   *   end was not seen
   */
  public async execute(script: string | Buffer, options: ExecuteOptions = {}): Promise<CapturedResult> {
    return execute(this.ecs, script, options);
  }

  /**
   * Opens a terminal in the container of the server, or of another task, through ECS Exec: with a shell, or with the program
   * that is given. The command line of that is in the request, which CloudTrail keeps.
   *
   * @throws what says why there is no session: ServerNotRunningError, SeveralServersError, ExecTargetError,
   *   ExecNotEnabledError, ExecAgentError, SessionUnknownError, SessionOpenError
   */
  public async openSession(options: OpenSessionOptions = {}, command = SHELL_COMMAND): Promise<SessionChannel> {
    return openSession(this.ecs, command, options);
  }

  /**
   * Reads a log, and follows it if asked to.
   *
   * @throws LogNotFoundError where there is no such log; NotInDeploymentError, InvalidInputError
   */
  public async logs(options: LogOptions): Promise<void> {
    return readLogs(this.ecs, options);
  }
}
