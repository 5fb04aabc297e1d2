import { buffer } from 'node:stream/consumers';
import { Client, ClientRunResult, readCommand } from '../../runtime/client';
import { UserError } from '../errors';
import { operate, OperationOptions } from '../operation';

/** Options of `vast-cloud run-lambda`. */
export interface RunLambdaOptions extends OperationOptions {
  readonly cmd: string;
  readonly env?: Record<string, string>;
  readonly stdin?: boolean;
  readonly timeout?: number;
  readonly async?: boolean;
  readonly jsonOutput?: boolean;
}

/** As `timeout(1)` has it. */
const TIMED_OUT = 124;

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
  return operate(options, 'the command goes on in AWS until it ends or the time of the function is over', async ({ connection, deployment, signal }) => {
    const client = new Client(connection, deployment);
    const command = await readCommand(connection, options.cmd, process.stdin);
    const stdin = options.stdin ? await buffer(process.stdin) : undefined;
    if (options.async) {
      const { requestId } = await client.submit(command, { env: options.env, stdin });
      process.stdout.write(`${requestId}\n`);
      return 0;
    }
    const live = options.jsonOutput ? {} : {
      onStdout: (piece: Buffer) => written(process.stdout, piece),
      onStderr: (piece: Buffer) => written(process.stderr, piece),
    };
    const run = await client.run(command, { env: options.env, stdin, timeoutSeconds: options.timeout, signal, ...live });
    if (options.jsonOutput) {
      process.stdout.write(`${JSON.stringify(asJson(run), undefined, 2)}\n`);
    }
    if (run.timedOut) {
      process.stderr.write('vast-cloud: the command was stopped because its time was over\n');
      return TIMED_OUT;
    }
    return run.exitCode;
  });
}

/** The fields and encodings of the client's own buffered answer. */
function asJson({ stdout, stderr, ...outcome }: ClientRunResult): object {
  return { ...outcome, ...encoded('stdout', stdout), ...encoded('stderr', stderr) };
}

function encoded(name: string, bytes: Buffer): object {
  const isText = Buffer.from(bytes.toString()).equals(bytes);
  return { [name]: bytes.toString(isText ? 'utf8' : 'base64'), [`${name}Encoding`]: isText ? 'utf8' : 'base64' };
}

/** Resolves when there is room for more; a reader that has gone is none of the command's business. */
async function written(stream: NodeJS.WriteStream, piece: Buffer): Promise<void> {
  if (!stream.write(piece)) {
    await new Promise(resolve => stream.once('drain', resolve).once('close', resolve));
  }
}
