import { PrintingOptions } from './tasks';
import { Server, ServerStatus } from '../../runtime/server';
import { EXIT } from '../errors';
import { operate } from '../operation';
import { moment } from '../table';

/** Options of `vast-cloud vast-server-status`. */
export interface StatusOptions extends PrintingOptions {
  readonly ask?: boolean;
}

/** What the server is doing, in words or as JSON. */
export async function status(options: StatusOptions): Promise<number> {
  return operate(options, '', async ({ connection, deployment }) => {
    const found = await new Server(connection, deployment).status({ askEngine: options.ask ?? false });
    process.stdout.write(options.json ? `${JSON.stringify(found, undefined, 2)}\n` : words(found, deployment.serviceName));
    return EXIT.success;
  });
}

function words(found: ServerStatus, serviceName: string): string {
  const { state, desiredCount, runningCount, pendingCount, task, engineAnswers, note, lastStop, events } = found;
  const rows: [string, string | undefined][] = [
    ['server', state],
    ['engine', engineAnswers ? 'answers' : note],
    ['task', task && [task.taskId, task.healthStatus.toLowerCase(), task.ip, task.startedAt && `since ${moment(task.startedAt)}`].filter(Boolean).join(', ')],
    ['tasks', `${desiredCount} wanted, ${runningCount} running, ${pendingCount} pending`],
    ['last stop', lastStop && [
      lastStop.stoppedAt && moment(lastStop.stoppedAt), lastStop.reason, lastStop.exitCode !== undefined && `exit code ${lastStop.exitCode}`,
    ].filter(Boolean).join(', ')],
    ...events.map((event, index): [string, string] => [index === 0 ? 'events' : '', event.replace(` (service ${serviceName})`, '').replace(/\.000Z/, 'Z')]),
  ];
  return rows.filter(([, text]) => text !== undefined).map(([name, text]) => `${name.padEnd(10)}${text}\n`).join('');
}
