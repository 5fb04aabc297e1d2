import { Server, ServerNotRunningError, SeveralServersError } from '../../runtime/server';
import { EXIT } from '../errors';
import { operate, OperationOptions } from '../operation';

/** Options of commands that wait. */
export interface WaitingOptions extends OperationOptions {
  readonly timeout?: number;
}

const GOES_ON = 'in AWS it goes on: vast-cloud vast-server-status shows how far it is';

/** A restart consists of two calls of AWS. */
const RESTART_ENDS = 'in AWS the server is stopped, or started where it was stopped already, and nothing after that: '
  + 'vast-cloud vast-server-status shows the state, and vast-cloud start-vast-server starts a stopped server';

/** What `get-vast-server` has always ended with where no server runs, so that scripts can tell. */
const NO_SERVER = 8;

/** Starts the server; done when the engine answers. */
export async function start(options: WaitingOptions): Promise<number> {
  return operate(options, GOES_ON, async ({ connection, deployment, progress, signal }) => {
    const started = await progress.step('start the server', tell =>
      new Server(connection, deployment).start({ timeoutSeconds: options.timeout, signal, onProgress: tell }));
    say(options, started.alreadyRunning ? `the server was running already: ${idOf(started.task.taskArn)}` : `the server runs: ${idOf(started.task.taskArn)}`);
    say(options, started.note);
    return EXIT.success;
  });
}

/** Stops the server; done when its container has ended. */
export async function stop(options: WaitingOptions): Promise<number> {
  return operate(options, GOES_ON, async ({ connection, deployment, progress, signal }) => {
    const stopped = await progress.step('stop the server', tell =>
      new Server(connection, deployment).stop({ timeoutSeconds: options.timeout, signal, onProgress: tell }));
    say(options, stopped.alreadyStopped ? 'the server was stopped already' : 'the server is stopped');
    return EXIT.success;
  });
}

/** Stops the server, waits until its container has ended, and starts it again. */
export async function restart(options: WaitingOptions): Promise<number> {
  return operate(options, RESTART_ENDS, async ({ connection, deployment, progress, signal }) => {
    const started = await progress.step('restart the server', tell =>
      new Server(connection, deployment).restart({ timeoutSeconds: options.timeout, signal, onProgress: tell }));
    say(options, `the server runs: ${idOf(started.task.taskArn)}`);
    say(options, started.note);
    return EXIT.success;
  });
}

/** The id and the address of the running server, as JSON; the names are those of earlier deployments. */
export async function describe(options: OperationOptions): Promise<number> {
  return operate(options, '', async ({ connection, deployment }) => {
    const { taskId, ip, runtimeId } = await new Server(connection, deployment).describe();
    print(JSON.stringify({ task_id: taskId, ip, runtime_id: runtimeId }, undefined, 2));
    return EXIT.success;
  });
}

/** The id of the running server alone, for scripts: exit code 8 where none runs, 1 where several do. */
export async function get(options: OperationOptions): Promise<number> {
  return operate(options, '', async ({ connection, deployment }) => {
    try {
      print((await new Server(connection, deployment).describe()).taskId);
      return EXIT.success;
    } catch (error) {
      if (error instanceof ServerNotRunningError) {
        process.stderr.write(`vast-cloud: ${error.message}\n`);
        return NO_SERVER;
      } else if (error instanceof SeveralServersError) {
        process.stderr.write(`vast-cloud: ${error.message}\n`);
        return EXIT.failure;
      }
      throw error;
    }
  });
}

function idOf(taskArn: string): string {
  return taskArn.split('/').pop()!;
}

function print(text: string) {
  process.stdout.write(`${text}\n`);
}

function say({ quiet }: OperationOptions, words: string | undefined) {
  if (words && !quiet) {
    process.stderr.write(`${words}\n`);
  }
}
