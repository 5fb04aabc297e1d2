import { DeployedClient } from './deployed-client';
import { DeployedServer } from './deployed-server';
import { DeployedVastProps } from './deployed-vast-props';

/**
 * A deployment after it was deployed: starts, stops and shows its server, and runs commands next to it.
 *
 * Nothing is asked of AWS before the first method is called. Region, profile, credentials and endpoint come from where
 * every tool of AWS takes them, unless they are given.
 *
 * What a method fails with has a sentence that says what to do. In other languages than TypeScript, the message begins with
 * the name of the error. Any method can fail with these:
 *
 * - `DeploymentNotFoundError`, `AmbiguousDeploymentError`: there is no such deployment, or there are several
 * - `NotInDeploymentError`: the deployment lacks what is needed, such as a client
 * - `InvalidInputError`: what was given cannot be used
 * - `AwsCallError`: AWS has refused, or was not reached
 *
 * And these belong to what was asked for:
 *
 * - `StartFailedError`, `CrashLoopError`, `RunTaskFailedError`: a task did not come to life, with the reason and the last lines
 *   of its log
 * - `ServerNotRunningError`, `SeveralServersError`, `ServerChangedError`: the server is not as it has to be
 * - `WaitTimeoutError`: something did not happen in time; what AWS was told to do goes on
 * - `LogNotFoundError`: there is no such log
 * - `ClientCallError`, `ClientFunctionError`: the client has not run a command to its end
 * - `ExecTargetError`, `ExecNotEnabledError`, `ExecAgentError`, `SessionUnknownError`: there is no session in the server
 * - `CommandNotStartedError`, `MissingProgramsError`: the container could not run the command, and has not
 * - `OutcomeUnknownError`, `ExecOutcomeUnknownError`: **the end of a command was not seen.** Look at what it should have done
 *   before you run it again
 */
export class DeployedVast {
  /** The server. */
  public readonly server: DeployedServer;

  /** The client, which runs commands next to the server. */
  public readonly client: DeployedClient;

  /**
   * It is an error if neither `stackName` nor `attributes` is given, or both are.
   *
   * @throws InvalidInputError
   */
  constructor(props: DeployedVastProps) {
    this.server = new DeployedServer(props);
    this.client = new DeployedClient(props);
  }
}
