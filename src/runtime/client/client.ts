import { DeploymentOutput } from '../../discovery/deployment-output';
import { AwsConnection } from '../aws-connection';
import { NotInDeploymentError } from '../errors';
import { CommandInput, payloadOf } from './command-event';
import { CommandRun, StreamedCall, StreamLimits } from './streamed-call';
import { untilAccepted } from './unaccepted';

/** How a command is run. */
export interface RunOptions extends CommandInput {
  /**
   * The command is stopped after so long, remotely, and the run then says so. Its function's own time holds in any case.
   *
   * @default - as long as the function's time allows
   */
  readonly timeoutSeconds?: number;

  /** Ends the wait; the command goes on. */
  readonly signal?: AbortSignal;

  /** Gets what the command prints while it runs; the next piece waits for what it returns. */
  readonly onStdout?: (piece: Buffer) => void | Promise<void>;
  readonly onStderr?: (piece: Buffer) => void | Promise<void>;

  /**
   * Whether the run has the output in the end.
   *
   * @default - true, unless somebody gets it while the command runs
   */
  readonly keepOutput?: boolean;
}

/** The client of a deployment: runs commands next to its server. */
export class Client {
  public constructor(
    private readonly connection: AwsConnection, private readonly deployment: DeploymentOutput, private readonly limits: Partial<StreamLimits> = {},
  ) {}

  /**
   * Runs a bash command, and returns when it has ended. Whatever its exit code is, that is no error.
   *
   * The call is made again only as long as it certainly was not accepted.
   *
   * @throws NotInDeploymentError where there is no client; InvalidInputError; ClientFunctionError where the function fails;
   *   AnswerLostError where it is not known how the command has ended
   */
  public async run(command: string | Uint8Array, options: RunOptions = {}): Promise<CommandRun> {
    const FunctionName = this.functionName();
    const Payload = payloadOf(command, options, { stream: true, timeoutSeconds: options.timeoutSeconds });
    const call = new StreamedCall(options, this.limits);
    const answer = await untilAccepted(() => call.begun(signal => this.connection.use('lambda', (client, { InvokeWithResponseStreamCommand }) =>
      client.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }), { abortSignal: signal }))), options.signal);
    return call.read(answer);
  }

  /**
   * Has a command run, and does not wait for it. If it fails, its event ends in the dead-letter queue; it is not run again.
   *
   * @returns the id of the request, by which it is found in the client's log
   * @throws NotInDeploymentError, InvalidInputError
   */
  public async submit(command: string | Uint8Array, input: CommandInput = {}): Promise<string> {
    const FunctionName = this.functionName();
    const Payload = payloadOf(command, input, { failOnNonZero: true }, true);
    const answer = await untilAccepted(() => this.connection.use('lambda', (client, { InvokeCommand }) =>
      client.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))));
    return answer.$metadata.requestId ?? '';
  }

  private functionName(): string {
    const { name, clientFunctionName } = this.deployment;
    if (!clientFunctionName) {
      throw new NotInDeploymentError(`the deployment ${name} has no client: leave client.enabled of its VastDeployment out`);
    }
    return clientFunctionName;
  }
}
