import { setTimeout as sleep } from 'node:timers/promises';
import { AwsCallError } from '../aws-call-error';
import { EcsCalls } from './ecs-calls';
import type { EcsTask } from './ecs-words';
import { TaskFailure } from './errors';
import { logStreamOf } from './log-streams';
import { describeStop, kindOf, taskIdOf } from './task-description';

const LINES = 20;

/** The log arrives a little after the end of the container, so it is asked for so often, a second apart. */
const ATTEMPTS = 4;

/** All that AWS can say about why a task has ended: the exit code of its main container, and the end of that one's log. */
export async function taskFailure(ecs: EcsCalls, task: EcsTask): Promise<TaskFailure> {
  const { taskArn, reason, exitCode } = describeStop(task, ecs.deployment);
  // What was never started has written nothing.
  const began = task.startedAt !== undefined || exitCode !== undefined;
  return { taskArn, reason, exitCode, lastLogLines: began ? await readLastLines(ecs, task) : [] };
}

/** The reason and the exit code, for a message. */
export function failureReason({ reason, exitCode }: TaskFailure): string {
  return exitCode === undefined ? reason : `${reason}, exit code ${exitCode}`;
}

/** The end of the log, for the end of a message. */
export function failureLog({ lastLogLines, taskArn }: TaskFailure): string {
  return lastLogLines.length === 0 ? '' : ['', `The last log lines of ${taskIdOf(taskArn)}:`, ...lastLogLines.map(line => `  ${line}`)].join('\n');
}

async function readLastLines({ connection, deployment }: EcsCalls, task: EcsTask): Promise<string[]> {
  const logStreamName = logStreamOf(deployment, kindOf(task, deployment), taskIdOf(task.taskArn!));
  const request = { logGroupName: deployment.logGroupName, logStreamName, limit: LINES };
  try {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { events = [] } = await connection.use('logs', (client, { GetLogEventsCommand }) => client.send(new GetLogEventsCommand(request)));
      if (events.length > 0) {
        return events.map(({ message }) => message!.trimEnd());
      }
      await sleep(1000);
    }
  } catch (error) {
    // Without the right to read it, or without a log, the failure is still to be told.
    if (!(error instanceof AwsCallError)) {
      throw error;
    }
  }
  return [];
}
