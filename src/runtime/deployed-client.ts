import type { Client } from './client';
import { commandOutput } from './command-output';
import { DeployedVastProps } from './deployed-vast-props';
import { lookup } from './lookup';

/** What a command is called with. */
export interface CommandOptions {
  /**
   * Environment variables, besides those of the function or of the container.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };

  /**
   * What the command reads from its standard input.
   *
   * @default - nothing
   */
  readonly stdin?: string;

  /**
   * Seconds after which the command is stopped, above 0: it gets SIGTERM, then SIGKILL.
   *
   * @default - as long as it likes in the server, and as long as the function's own time allows in the client
   */
  readonly timeoutSeconds?: number;
}

/** How a command has ended, and what it has printed. */
export interface CommandOutput {
  /** The command's own; 128 and the number of the signal where one has ended it. */
  readonly exitCode: number;

  /**
   * The name of the signal that has ended it, such as `SIGKILL`.
   *
   * @default - it ended by itself
   */
  readonly signal?: string;

  /** True if the command timed out and was stopped. */
  readonly timedOut: boolean;

  /** How long it took, in milliseconds. */
  readonly durationMs: number;

  /** What it has printed; in base64 where that is no UTF-8. */
  readonly stdout: string;

  /** `utf8` or `base64`. */
  readonly stdoutEncoding: string;

  /** What it printed on standard error; what is not UTF-8 is in base64. */
  readonly stderr: string;

  /** `utf8` or `base64`. */
  readonly stderrEncoding: string;

  /** What AWS calls the request, which is in the client's log; or the session, where it ran in the server. */
  readonly requestId: string;
}

/** Loaded with the first call: whoever imports the package for its constructs makes none. */
function clientModule(): typeof import('./client') {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('./client') as typeof import('./client');
}

/** The client of a deployment. */
export class DeployedClient {
  private readonly opened: () => Promise<Client>;

  /**
   * It is an error if neither `stackName` nor `attributes` is given, or both are.
   *
   * @throws InvalidInputError
   */
  constructor(props: DeployedVastProps) {
    this.opened = lookup(props, (connection, deployment) => new (clientModule().Client)(connection, deployment));
  }

  /**
   * Runs a bash command next to the server, and returns when it has ended. Another exit code than 0 is no error.
   *
   * A call is made again only where it certainly was not accepted: no command runs twice.
   *
   * @throws InvalidInputError, NotInDeploymentError; ClientCallError and ClientFunctionError where the command was not run to its
   *   end; OutcomeUnknownError where its end was not seen
   */
  public async run(command: string, options: CommandOptions = {}): Promise<CommandOutput> {
    const { environment: env, stdin, timeoutSeconds } = options;
    const client = await this.opened();
    const run = await client.run(command, { env, stdin, timeoutSeconds });
    return { ...commandOutput(run, run.requestId), signal: run.signal };
  }

  /**
   * Has a command run, and does not wait for it. If it fails, its event is in the queue for failed calls afterwards.
   *
   * @returns the id of the request, by which it is found in the client's log
   * @throws InvalidInputError, NotInDeploymentError, ClientCallError
   */
  public async submit(command: string, options: CommandOptions = {}): Promise<string> {
    const { requestId } = await (await this.opened()).submit(command, { env: options.environment, stdin: options.stdin });
    return requestId;
  }
}
