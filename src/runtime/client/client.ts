import { DeploymentOutput } from '../../discovery/deployment-output';
import { AwsConnection } from '../aws-connection';
import { OutputOptions } from '../command-run';
import { NotInDeploymentError } from '../errors';
import { Watch } from '../watch';
import { ASYNCHRONOUS_EVENT_BYTES, commandEvent, EVENT_BYTES } from './command-event';
import { CallFault, OutcomeUnknownError } from './errors';
import { CLIENT_LIMITS, ClientLimits } from './limits';
import type { ClientRunResult } from './outcome';
import { sendOnce } from './sending';
import { BegunAnswer, StreamedAnswer } from './streamed-answer';

/** What Lambda answers to an asynchronous call. */
const ACCEPTED = 202;

/** What a command gets. */
export interface ClientSubmitOptions {
  /**
   * Environment variables of the command, besides those of the function.
   *
   * @default - none
   */
  readonly env?: { readonly [name: string]: string };

  /**
   * What the command reads from its standard input.
   *
   * @default - nothing: the command sees the end of the file at once
   */
  readonly stdin?: Buffer | string;
}

/**
 * What a command gets, and what becomes of its output. A streamed answer has at most 200 MB. What the takers throw ends the
 * call, but not the command.
 */
export interface ClientRunOptions extends ClientSubmitOptions, OutputOptions {
  /**
   * How long the command may take, in seconds. After that it gets SIGTERM, 5 seconds later SIGKILL, and all that it has
   * started is ended with it: the result says `timedOut`.
   *
   * @default - as long as the function (`client.timeout`), which bounds it in any case
   */
  readonly timeoutSeconds?: number;

  /**
   * Ends the wait early, with the signal's reason; the command goes on where it has been sent.
   *
   * @default - nothing ends it early
   */
  readonly signal?: AbortSignal;
}

/** Runs commands next to the server, through the client of a deployment. */
export class Client {
  private readonly limits: ClientLimits;

  /** @param limits other times than those that are good for AWS */
  public constructor(private readonly connection: AwsConnection, private readonly deployment: DeploymentOutput, limits: Partial<ClientLimits> = {}) {
    this.limits = { ...CLIENT_LIMITS, ...limits };
  }

  /**
   * Runs a command with bash and waits for its end. What exit code it has is not an error.
   *
   * A call is made again only where it certainly was not accepted: because of throttling, while the function is created or
   * updated, and where there is no connection; half a minute altogether.
   *
   * @throws InvalidInputError, NotInDeploymentError before anything is sent; AwsCallError where the call was not accepted,
   *   so that the command did not run; ClientFunctionError where the function failed; OutcomeUnknownError where the end of
   *   the command was not seen
   */
  public async run(command: string | Buffer, options: ClientRunOptions = {}): Promise<ClientRunResult> {
    const { env, stdin, timeoutSeconds, onStdout, onStderr, keepOutput } = options;
    const functionName = this.functionName();
    const payload = commandEvent({ command, env, stdin }, { stream: true, ...timeoutSeconds !== undefined && { timeoutSeconds } }, EVENT_BYTES);
    return this.watched(options.signal, async (watch) => {
      const answer = await this.begin(functionName, payload, watch);
      return new StreamedAnswer(answer, {
        onStdout,
        onStderr,
        keepStdout: keepOutput ?? !onStdout,
        keepStderr: keepOutput ?? !onStderr,
        timeoutSeconds,
        log: this.deployment.clientLogGroupName,
      }, watch, this.limits).read();
    });
  }

  /**
   * Has a command run without waiting for it. One that ends with another exit code than 0 is in the queue for failed calls
   * afterwards.
   *
   * @throws as `run` does, but for ClientFunctionError; OutcomeUnknownError where it is not known whether the command will run
   */
  public async submit(command: string | Buffer, options: ClientSubmitOptions = {}): Promise<{ readonly requestId: string }> {
    const functionName = this.functionName();
    const { env, stdin } = options;
    const payload = commandEvent({ command, env, stdin }, { failOnNonZero: true }, ASYNCHRONOUS_EVENT_BYTES);
    const log = this.deployment.clientLogGroupName;
    return this.watched(undefined, async watch => sendOnce(this.connection, watch, this.limits, {
      limitMs: this.limits.acceptanceMs,
      log,
      send: async (client, { InvokeCommand }, sent) => {
        const call = new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: payload });
        call.middlewareStack.add(next => async (args) => {
          sent();
          return next(args);
        }, { step: 'deserialize' });
        const { StatusCode, $metadata } = await client.send(call, { abortSignal: watch.signal });
        if (StatusCode !== ACCEPTED) {
          throw new OutcomeUnknownError(`the answer has the status ${StatusCode}, which is none of Lambda`, CallFault.NOT_UNDERSTOOD, $metadata.requestId, log);
        }
        return { requestId: $metadata.requestId ?? '' };
      },
    }));
  }

  private async begin(functionName: string, payload: Buffer, watch: Watch): Promise<BegunAnswer> {
    const log = this.deployment.clientLogGroupName;
    return sendOnce(this.connection, watch, this.limits, {
      limitMs: this.limits.firstByteMs,
      log,
      send: async (client, { InvokeWithResponseStreamCommand }, sent) => {
        const call = new InvokeWithResponseStreamCommand({ FunctionName: functionName, Payload: payload });
        call.middlewareStack.add(next => async (args) => {
          sent();
          return next(args);
        }, { step: 'deserialize' });
        const { EventStream, $metadata } = await client.send(call, { abortSignal: watch.signal });
        if (!EventStream) {
          throw new OutcomeUnknownError('the answer is no stream', CallFault.NOT_UNDERSTOOD, $metadata.requestId, log);
        }
        return { events: EventStream, requestId: $metadata.requestId ?? '' };
      },
    });
  }

  private async watched<T>(signal: AbortSignal | undefined, work: (watch: Watch) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    const watch = new Watch(signal);
    let failed = true;
    try {
      const result = await work(watch);
      failed = false;
      return result;
    } finally {
      watch.close(failed);
    }
  }

  private functionName(): string {
    const { name, clientFunctionName } = this.deployment;
    if (!clientFunctionName) {
      throw new NotInDeploymentError(`the deployment ${name} has no client: leave client.enabled of its VastDeployment out`);
    }
    return clientFunctionName;
  }
}
