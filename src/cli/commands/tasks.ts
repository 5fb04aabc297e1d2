import { WaitingOptions } from './server';
import { RunTaskWait, Server, TaskDescription } from '../../runtime/server';
import { EXIT } from '../errors';
import { operate, OperationOptions } from '../operation';
import { moment, table } from '../table';

/** Options of commands that print what they find. */
export interface PrintingOptions extends OperationOptions {
  readonly json?: boolean;
}

/** Options of `vast-cloud run-vast-task`. */
export interface RunTaskOptions extends WaitingOptions {
  readonly cmdOverride?: string;
  readonly env?: Record<string, string>;
}

/** Lists the tasks of the deployment: the server's, and those that were run beside it. */
export async function list(options: PrintingOptions): Promise<number> {
  return operate(options, '', async ({ connection, deployment }) => {
    show(await new Server(connection, deployment).tasks(), options);
    return EXIT.success;
  });
}

/** Runs one task beside the server, and says which. */
export async function run(options: RunTaskOptions): Promise<number> {
  return operate(options, 'the task goes on: vast-cloud list-all-tasks shows it', async ({ connection, deployment, progress, signal }) => {
    const task = await progress.step('run a task beside the server', tell => new Server(connection, deployment).runTask({
      command: options.cmdOverride, environment: options.env, wait: RunTaskWait.RUNNING, timeoutSeconds: options.timeout, signal, onProgress: tell,
    }));
    process.stdout.write(`${task.taskId}\n`);
    return EXIT.success;
  });
}

/** Stops the server, and every task that was run beside it. */
export async function stopAll(options: WaitingOptions): Promise<number> {
  return operate(options, 'in AWS it goes on: vast-cloud list-all-tasks shows it', async ({ connection, deployment, progress, signal }) => {
    const stopped = await progress.step('stop all tasks', tell =>
      new Server(connection, deployment).stopAllTasks({ timeoutSeconds: options.timeout, signal, onProgress: tell }));
    if (!options.quiet) {
      process.stderr.write(stopped.length === 0 ? 'no task was running\n' : `stopped: ${stopped.map(({ taskId }) => taskId).join(', ')}\n`);
    }
    return EXIT.success;
  });
}

function show(tasks: TaskDescription[], { json }: PrintingOptions) {
  if (json) {
    process.stdout.write(`${JSON.stringify(tasks, undefined, 2)}\n`);
    return;
  }
  process.stdout.write(table(['TASK', 'KIND', 'STATUS', 'HEALTH', 'ADDRESS', 'STARTED', 'EXIT', 'ENDED BECAUSE'], tasks.map(task => [
    task.taskId, task.kind, task.lastStatus, task.healthStatus, task.ip ?? '-', task.startedAt ? moment(task.startedAt) : '-',
    task.stop?.exitCode?.toString() ?? '-', task.stop?.reason ?? '-',
  ])));
}
