import { CAPTURED_COMMAND, CapturedCommand, CapturedResult, checkCommand, ExecFault, ExecOutcomeUnknownError, runCaptured } from './captured';
import { TaskEndedError } from './errors';
import { openSession } from './open-session';
import { WatchedSession } from './watched-session';
import { EcsCalls } from '../server/ecs-calls';

/** How a script is run in a container, where, and what becomes of its output. */
export interface ExecuteOptions extends Omit<CapturedCommand, 'script'> {
  /**
   * The id or the ARN of a task in the cluster of the deployment.
   *
   * @default - the server
   */
  readonly taskId?: string;

  /**
   * One of the containers of the task.
   *
   * @default - the one that runs the engine, or the extra task; the only one that is not AWS's own in other tasks
   */
  readonly containerName?: string;

  /**
   * How long it may take until the script can begin, in seconds: until the task runs and its agent is in touch with AWS.
   *
   * @default 600
   */
  readonly openTimeoutSeconds?: number;

  /**
   * Hears, in a few words, what is being waited for before the script begins.
   *
   * @default - nobody hears of it
   */
  readonly onProgress?: (what: string) => void;
}

/** Bash, or what there is where there is no bash. */
export const SHELL_COMMAND = "/bin/sh -c 'if command -v bash >/dev/null; then exec bash; else exec /bin/sh; fi'";

/**
 * Runs a script in a container, and waits for its end. All that is given is checked before a session is opened, and the session
 * is over afterwards.
 */
export async function execute(ecs: EcsCalls, script: string | Buffer, options: ExecuteOptions): Promise<CapturedResult> {
  const { taskId, containerName, openTimeoutSeconds, onProgress, signal } = options;
  const command = { ...options, script };
  checkCommand(command);
  const session = await openSession(ecs, CAPTURED_COMMAND, { taskId, containerName, timeoutSeconds: openTimeoutSeconds, onProgress, signal });
  try {
    return await runCaptured(session, command);
  } catch (error) {
    throw await whyOver(session, error);
  }
}

/** The session of a task that is ended can be over without a word. */
async function whyOver(session: WatchedSession, error: unknown): Promise<unknown> {
  if (!(error instanceof ExecOutcomeUnknownError) || error.fault !== ExecFault.SESSION_OVER || error.cause instanceof TaskEndedError) {
    return error;
  }
  const ended = await session.whyTaskEnded();
  return ended ? new ExecOutcomeUnknownError(ended.message, ExecFault.SESSION_OVER, session.sessionId, ended) : error;
}
