import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidInputError, NotInDeploymentError } from '../errors';
import { EcsCalls } from './ecs-calls';
import { LogNotFoundError } from './errors';
import { hasStream, LogEvent, LogEvents } from './log-events';
import { logStreamOf } from './log-streams';
import { SeenEvents } from './seen-events';
import { TaskKind, taskIdOf } from './task-description';

/** Which of the deployment's logs. */
export enum LogSource {
  /** Of the engine, and of extra tasks. */
  SERVER = 'server',

  /** Of the function that runs commands. */
  CLIENT = 'client',
}

/** Which part of which log is read, and who gets it. */
export interface LogOptions {
  /**
   * Which log.
   *
   * @default LogSource.SERVER
   */
  readonly which?: LogSource;

  /**
   * Only what was written from then on.
   *
   * @default - from the beginning
   */
  readonly since?: Date;

  /**
   * Only so many events of the past, the newest ones.
   *
   * @default - all of them
   */
  readonly last?: number;

  /**
   * Go on with what is written from now on, until the signal comes.
   *
   * @default false
   */
  readonly follow?: boolean;

  /**
   * Only what this task has written, by its id or ARN. One that has not begun to write is waited for with `follow`.
   *
   * @default - all tasks
   */
  readonly taskId?: string;

  /**
   * Ends following, which is then done; ends reading the past with the signal's reason.
   *
   * @default - nothing ends it
   */
  readonly signal?: AbortSignal;

  /**
   * How long to pause between two looks, in seconds.
   *
   * @default 2
   */
  readonly pollSeconds?: number;

  /** Gets each event once, oldest first as far as CloudWatch has them by then; what it returns is waited for. */
  readonly onEvent: (event: LogEvent) => void | Promise<void>;
}

const DEFAULT_POLL_SECONDS = 2;

/** How far back, in minutes, the newest events are looked for, step by step. */
const STEPS_MINUTES = [10, 60, 6 * 60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60, Infinity];

/** Hands out the past of a log, and what comes if that is wanted. */
export async function readLogs(ecs: EcsCalls, options: LogOptions): Promise<void> {
  const { last, follow = false, pollSeconds = DEFAULT_POLL_SECONDS, signal, since } = options;
  if (last !== undefined && !(Number.isInteger(last) && last >= 0)) {
    throw new InvalidInputError(`last is ${last}: give a whole number, 0 or more`);
  }
  if (since !== undefined && Number.isNaN(since.getTime())) {
    throw new InvalidInputError('since is not a date');
  }
  const seen = new SeenEvents(since);
  const hand = async (events: LogEvent[]) => {
    for (const event of events.filter(candidate => seen.take(candidate))) {
      signal?.throwIfAborted();
      await options.onEvent(event);
    }
  };
  try {
    let log = await findLog(ecs, options);
    if (!log && !follow) {
      throw new LogNotFoundError(`there is no log of the task ${options.taskId} in ${ecs.deployment.logGroupName}: `
        + 'it has written nothing, or its log has been deleted; the list of tasks has those that there are');
    }
    if (log && last !== undefined) {
      const { newest, others } = await newestEvents(log, last, options);
      others.forEach(event => seen.take(event));
      await hand(newest);
    } else if (log) {
      for await (const page of log.pages(since?.getTime() ?? 0, undefined, signal)) {
        await hand(page);
      }
    }
    while (follow) {
      await sleep(pollSeconds * 1000, undefined, { signal });
      log ??= await findLog(ecs, options);
      for await (const page of log?.pages(seen.horizon(), undefined, signal) ?? []) {
        await hand(page);
      }
      seen.forgetOld();
    }
  } catch (error) {
    if (!signal?.aborted) {
      throw error;
    } else if (!follow) {
      throw signal.reason;
    }
  }
}

/** The log that is meant; undefined where a task has none (yet). */
async function findLog(
  { connection, deployment }: EcsCalls, { which = LogSource.SERVER, taskId, signal }: LogOptions,
): Promise<LogEvents | undefined> {
  if (which === LogSource.CLIENT) {
    if (taskId !== undefined) {
      throw new InvalidInputError('the client has no tasks: leave the task out, or take the server\'s log');
    }
    if (!deployment.clientLogGroupName) {
      throw new NotInDeploymentError(`the deployment ${deployment.name} has no client, and so no log of it`);
    }
    return new LogEvents(connection, deployment.clientLogGroupName);
  }
  if (taskId === undefined) {
    return new LogEvents(connection, deployment.logGroupName);
  }
  for (const kind of [TaskKind.SERVER, TaskKind.EXTRA]) {
    const stream = logStreamOf(deployment, kind, taskIdOf(taskId));
    if (await hasStream(connection, deployment.logGroupName, stream, signal)) {
      return new LogEvents(connection, deployment.logGroupName, stream);
    }
  }
  return undefined;
}

/** The newest events, oldest first, and others that were read on the way. */
async function newestEvents(log: LogEvents, count: number, { since, signal }: LogOptions) {
  const now = Date.now();
  const floor = since?.getTime() ?? 0;
  let newest: LogEvent[] = [];
  const others: LogEvent[] = [];
  // The end is open: a clock that is behind must not hide what is new.
  let end: number | undefined;
  for (const minutes of STEPS_MINUTES) {
    const start = Math.max(floor, now - minutes * 60_000);
    let older: LogEvent[] = [];
    for await (const page of log.pages(start, end, signal)) {
      older.push(...page);
      // What is cut off in the first step may come again when the log is followed.
      const cut = older.splice(0, Math.max(0, older.length + newest.length - count));
      others.push(...end === undefined ? cut : []);
    }
    newest = [...older, ...newest];
    if (newest.length >= count || start === floor) {
      break;
    }
    end = start - 1;
  }
  return { newest, others };
}
