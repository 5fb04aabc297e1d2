import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecuteCommandResponse } from '@aws-sdk/client-ecs';
import { AwsCallError, AwsFailure } from '../aws-call-error';
import { EcsCalls } from '../server/ecs-calls';
import { unlessAborted, WaitOptions } from '../waiting';
import { ExecAgentError, SessionUnknownError } from './errors';
import { ExecTarget } from './exec-target';
import { onceAccepted } from './once-accepted';
import { Clock, SYSTEM_CLOCK } from './session/clock';

/** A session that AWS has begun: nobody is connected to it yet. */
export interface BegunSession {
  readonly sessionId: string;
  readonly streamUrl: string;
  readonly tokenValue: string;
}

/** An agent that runs is in touch with AWS some seconds later; after so many it never will be. */
const IN_TOUCH_SECONDS = 30;

const NOT_CONNECTED = 'TargetNotConnectedException';

/** What ECS says, without a code of its own, of an agent that it does not know to be running yet. */
const NOT_RUNNING_YET = /execute command was not enabled|agent isn.t running/i;

/**
 * Has AWS run a command in a terminal of the container. It is asked again only where it has certainly not begun it.
 *
 * @throws ExecAgentError where the agent does not get in touch with AWS; SessionUnknownError; AwsCallError
 */
export async function beginSession(
  ecs: EcsCalls, target: ExecTarget, command: string, options: WaitOptions, clock: Clock = SYSTEM_CLOCK,
): Promise<BegunSession> {
  const { signal, onProgress, pollSeconds = 1, timeoutSeconds = IN_TOUCH_SECONDS } = options;
  const patienceMs = Math.min(timeoutSeconds, IN_TOUCH_SECONDS) * 1000;
  const began = clock.now();
  for (let attempt = 1; ; attempt++) {
    try {
      const { session } = await unlessAborted(signal, () => executeCommand(ecs, target, command));
      const { sessionId, streamUrl, tokenValue } = session ?? {};
      if (!sessionId || !streamUrl || !tokenValue) {
        throw new SessionUnknownError('ECS has accepted the command, and its answer has no session that one could connect to: '
          + 'whether the command has begun is unknown. Look at what it should have done before you run it again');
      }
      return { sessionId, streamUrl, tokenValue };
    } catch (error) {
      if (!isTooEarly(error)) {
        throw explained(error, target);
      }
      if (clock.now() - began >= patienceMs) {
        throw outOfTouch(target, ecs.deployment.region, error);
      }
    }
    if (attempt === 1) {
      onProgress?.('the agent of ECS Exec is getting in touch with AWS');
    }
    await unlessAborted(signal, () => sleep(pollSeconds * 1000, undefined, { signal }));
  }
}

async function executeCommand(
  { connection, deployment }: EcsCalls, { taskArn, containerName }: ExecTarget, command: string,
): Promise<ExecuteCommandResponse> {
  return connection.use('ecs', (client, { ExecuteCommandCommand }) => {
    const call = new ExecuteCommandCommand({ cluster: deployment.clusterName, task: taskArn, container: containerName, command, interactive: true });
    // Inside of the SDK's own attempts, which go on after what may have been accepted as well.
    call.middlewareStack.add(next => async args => onceAccepted(() => next(args)), { step: 'finalizeRequest', priority: 'low', name: 'onceAccepted' });
    return client.send(call);
  });
}

function isTooEarly(error: unknown): error is AwsCallError {
  return error instanceof AwsCallError && (error.code === NOT_CONNECTED || (error.code === 'InvalidParameterException' && NOT_RUNNING_YET.test(error.message)));
}

function outOfTouch({ taskId }: ExecTarget, region: string, error: AwsCallError): ExecAgentError {
  return new ExecAgentError(`the task ${taskId} runs, and the agent of ECS Exec in it is not in touch with AWS (${error.code}, request ${error.requestId}). `
    + `Usually its subnet has no way to ssmmessages${region && `.${region}`}.amazonaws.com (a NAT gateway, or an interface endpoint for ssmmessages whose security group `
    + 'lets the task in), or its task role lacks ssmmessages:CreateControlChannel, CreateDataChannel, OpenControlChannel and OpenDataChannel, '
    + 'or a service control policy denies them. Put that right and start the task again', { cause: error });
}

function explained(error: unknown, { taskArn }: ExecTarget): unknown {
  if (!(error instanceof AwsCallError) || error.failure !== AwsFailure.PERMISSION) {
    return error;
  }
  const advice = /service control policy/i.test(error.message)
    ? 'a service control policy of the organisation forbids ECS Exec: its administrator has to allow ecs:ExecuteCommand'
    : `your credentials lack ecs:ExecuteCommand, which is needed on the cluster and on the task ${taskArn}: grantExecute of the deployment gives it`;
  return new AwsCallError(`${advice} (${error.message})`, error.failure, error.code, error.requestId, error);
}
