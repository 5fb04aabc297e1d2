import { Client, ClientRunResult } from '../../runtime/client';
import { ASYNCHRONOUS_CLIENT_INPUT, CLIENT_INPUT, collected, readCommand } from '../../runtime/read-command';
import { asJson, TIMED_OUT } from '../command-output';
import { UserError } from '../errors';
import { operate, OperationOptions } from '../operation';
import { watchReader } from '../output-reader';
import { readInTime } from '../standard-input';
import { endBefore, written } from '../standard-output';

/** Options of `vast-cloud run-lambda`. */
export interface RunLambdaOptions extends OperationOptions {
  readonly cmd: string;
  readonly env?: Record<string, string>;
  readonly stdin?: boolean;
  readonly timeout?: number;
  readonly async?: boolean;
  readonly jsonOutput?: boolean;
}

/** The fate of a command that the user stops waiting for. */
const GOES_ON = 'the command goes on in AWS until it ends or the time of the function is over';

/**
 * Runs a command next to the server, and ends as it did.
 *
 * What the command prints is passed on while it runs, to the byte.
 */
export async function runLambda(options: RunLambdaOptions): Promise<number> {
  if (options.cmd === '-' && options.stdin) {
    throw new UserError('--cmd - reads the command from standard input, which --stdin would give to the command: use one of them');
  }
  if (options.async && (options.jsonOutput || options.timeout !== undefined)) {
    throw new UserError('--async does not wait for the command: --json-output and --timeout make no sense with it');
  }
  return operate(options, 'nothing was run', async ({ connection, deployment, signal, goesOn }) => {
    const client = new Client(connection, deployment);
    const limit = options.async ? ASYNCHRONOUS_CLIENT_INPUT : CLIENT_INPUT;
    const read = await readInTime(signal, options.cmd, options.timeout, async (input, either) => ({
      command: await readCommand(connection, options.cmd, input, undefined, either),
      stdin: options.stdin ? await collected(input, 'the standard input', limit) : undefined,
    }));
    if (!read) {
      return TIMED_OUT;
    }
    const { command, stdin } = read;
    goesOn(GOES_ON);
    if (options.async) {
      const { requestId } = await client.submit(command, { env: options.env, stdin });
      process.stdout.write(`${requestId}\n`);
      return 0;
    }
    watchReader();
    const runIsOver = endBefore(GOES_ON);
    const live = options.jsonOutput ? {} : {
      onStdout: (piece: Buffer) => written(process.stdout, piece),
      onStderr: (piece: Buffer) => written(process.stderr, piece),
    };
    const run = await client.run(command, { env: options.env, stdin, timeoutSeconds: options.timeout, signal, ...live });
    runIsOver(`the command had ended with exit code ${run.exitCode}`);
    if (options.jsonOutput) {
      process.stdout.write(`${JSON.stringify(asJson(run), undefined, 2)}\n`);
    }
    if (run.timedOut) {
      process.stderr.write(`vast-cloud: the command timed out, and was stopped${limitOf(run, options.timeout)}\n`);
      return TIMED_OUT;
    }
    return run.exitCode;
  });
}

/** Names the limit that ended a command before the time-out of the caller. */
function limitOf({ durationMs }: ClientRunResult, timeoutSeconds = Infinity): string {
  return durationMs / 1000 >= timeoutSeconds ? '' : ` after ${Math.round(durationMs / 1000)} s: that is the limit of the Lambda client `
    + '(client.timeout of the construct, 5 minutes by default); vast-cloud run-vast-task runs what takes longer';
}
