import { AwsCallError, AwsFailure } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import { InvalidInputError } from '../errors';
import { EcsCalls } from '../server/ecs-calls';
import { sharedTime, timeoutProblems, unlessAborted } from '../waiting';
import { beginSession } from './begin-session';
import { execTarget, ExecTargetOptions } from './exec-target';
import { Clock, Connect, OpenSessionProps, ResumeRefusedError, Session, SessionChannel, StreamAddress, SYSTEM_CLOCK } from './session';
import { sessionKey } from './session-key';
import { taskLook } from './task-look';
import { LookAtTask, SessionLimits, WatchedSession } from './watched-session';
import { loadWebSocket, webSocketConnect } from './websocket-transport';

/**
 * Where a session is opened, and how long it lasts. `timeoutSeconds`, `pollSeconds`, `signal` and `onProgress` are for the
 * wait until it is open.
 */
export interface OpenSessionOptions extends ExecTargetOptions, SessionLimits {}

/** What the tests have in their hands. */
export interface OpenSessionWorld {
  readonly connect: Connect;
  readonly clock: Clock;
  readonly open: (props: OpenSessionProps) => Promise<SessionChannel>;
}

/** Failures that a second attempt does not change. */
const FINAL = [AwsFailure.PERMISSION, AwsFailure.CREDENTIALS, AwsFailure.REQUEST];

/** The release of AWS's client whose behaviour this one has: the agent goes by it in what it may ask for. */
const CLIENT_VERSION = '1.2.677.0';

/**
 * Runs a command in a terminal of a container, and gives that terminal.
 *
 * Waits until the task runs and its agent of ECS Exec is in touch with AWS. The command is begun once: where it is not known
 * whether it was, the call fails and says so.
 *
 * @throws what says why there is no session: ServerNotRunningError, SeveralServersError, ExecTargetError, ExecNotEnabledError,
 *   ExecAgentError, SessionUnknownError, SessionConnectionError, WaitTimeoutError, AwsCallError
 */
export async function openSession(
  ecs: EcsCalls, command: string, options: OpenSessionOptions = {}, world: Partial<OpenSessionWorld> = {},
): Promise<WatchedSession> {
  const problems = timeoutProblems({ 'time of the session': options.sessionTimeoutSeconds, 'idle time-out': options.idleTimeoutSeconds });
  if (problems.length > 0) {
    throw new InvalidInputError(`no session was opened: ${problems.join('; ')}`);
  }
  const { connect = webSocketConnect(), clock = SYSTEM_CLOCK, open = props => Session.open(props) } = world;
  const left = sharedTime(options);
  const target = await execTarget(ecs, { ...options, ...left() }, clock);
  const beginning = beginSession(ecs, target, command, left(), clock);
  if (!world.connect) {
    // While ECS answers there is nothing else to do.
    setImmediate(loadWebSocket);
  }
  const begun = await beginning;
  options.onProgress?.('connecting to the session');
  const look = taskLook(ecs, target);
  const channel = await openedUnlessAborted(options.signal, look, open({
    ...begun,
    targetId: target.targetId,
    clientVersion: CLIENT_VERSION,
    connect,
    clock,
    resume: () => resumeSession(ecs.connection, begun.sessionId),
    dataKey: request => sessionKey(ecs.connection, request),
  }));
  return new WatchedSession(channel, look, options, clock);
}

/** A session that is not wanted any more is not left behind; one that was not opened may have been ended with its task. */
async function openedUnlessAborted(signal: AbortSignal | undefined, look: LookAtTask, opening: Promise<SessionChannel>): Promise<SessionChannel> {
  try {
    return await unlessAborted(signal, () => opening);
  } catch (error) {
    if (signal?.aborted) {
      opening.then(channel => channel.terminate()).catch(() => undefined);
      throw error;
    }
    throw await look(true).catch(() => undefined) ?? error;
  }
}

/** Has AWS let us in again after a connection was lost; undefined where the session is over. */
async function resumeSession(connection: AwsConnection, sessionId: string): Promise<StreamAddress | undefined> {
  try {
    const { StreamUrl, TokenValue } = await connection.use('ssm', (client, { ResumeSessionCommand }) =>
      client.send(new ResumeSessionCommand({ SessionId: sessionId })));
    return StreamUrl && TokenValue ? { streamUrl: StreamUrl, tokenValue: TokenValue } : undefined;
  } catch (error) {
    if (error instanceof AwsCallError && error.code === 'DoesNotExistException') {
      return undefined;
    }
    if (!(error instanceof AwsCallError) || !FINAL.includes(error.failure)) {
      throw error;
    }
    const refused = error.failure === AwsFailure.PERMISSION
      ? new AwsCallError('the connection was lost, and your credentials lack ssm:ResumeSession on the session, with which it would have been taken up again '
        + `(${error.message})`, error.failure, error.code, error.requestId, error)
      : error;
    throw new ResumeRefusedError(refused.message, { cause: refused });
  }
}
