import { setTimeout as sleep } from 'node:timers/promises';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { AwsConnection } from '../aws-connection';
import type { AwsSdk } from '../aws-services';
import { VastRuntimeError } from '../errors';
import { Watch } from '../watch';
import { CallFault, OutcomeUnknownError } from './errors';
import { ClientLimits } from './limits';
import { answerBegun, Refusal, refusal, SdkError } from './refusals';

const LONGEST_PAUSE_MS = 20_000;

/** A call to the client's function. */
export interface Call<T> {
  /** How long one attempt may take, in milliseconds. */
  readonly limitMs: number;

  /** Where the client's log is. */
  readonly log?: string;

  /**
   * Makes the call.
   *
   * @param sent to be called when all is ready, before anything leaves this machine
   */
  send(client: LambdaClient, sdk: AwsSdk['lambda'], sent: () => void): Promise<T>;
}

/**
 * Makes a call, and makes it again only where it certainly was not accepted.
 *
 * @throws AwsCallError where it was not accepted; OutcomeUnknownError where that is not known
 */
export async function sendOnce<T>(connection: AwsConnection, watch: Watch, limits: ClientLimits, call: Call<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await watch.for(() => connection.use('lambda', (client, sdk) => attempted(client, sdk, limits, call, attempt)),
      call.limitMs, () => new OutcomeUnknownError(`the client has not answered within ${call.limitMs / 1000} s`, CallFault.NO_ANSWER, undefined, call.log));
    if ('answer' in outcome) {
      return outcome.answer;
    }
    await watch.for(() => sleep(pause(attempt, limits, outcome.refused), undefined, { signal: watch.signal }));
  }
}

async function attempted<T>(
  client: LambdaClient, sdk: AwsSdk['lambda'], limits: ClientLimits, call: Call<T>, attempt: number,
): Promise<{ answer: T } | { refused: Refusal }> {
  let sent = false;
  try {
    return { answer: await call.send(client, sdk, () => sent = true) };
  } catch (caught) {
    const error = caught as SdkError;
    if (!sent || error instanceof VastRuntimeError) {
      throw error;
    }
    const refused = refusal(error, limits);
    if (!refused) {
      throw unknown(error, call.log);
    }
    if (attempt >= refused.attempts) {
      throw refused.error;
    }
    return { refused };
  }
}

/** Longer and longer, and not the same for all who were refused together. */
function pause(attempt: number, { firstPauseMs }: ClientLimits, { pauseMs }: Refusal): number {
  const grown = firstPauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
  return Math.min(pauseMs === undefined ? grown : Math.max(pauseMs, pauseMs && grown), LONGEST_PAUSE_MS);
}

function unknown(error: SdkError, log: string | undefined): OutcomeUnknownError {
  const { name, message, $metadata, $response } = error;
  const requestId = $metadata?.requestId ?? $response?.headers?.['x-amzn-requestid'];
  if (answerBegun(error)) {
    return new OutcomeUnknownError(`the answer was cut before it had really begun (${message.split('\n')[0]})`, CallFault.CUT, requestId, log, error);
  }
  const said = $metadata?.httpStatusCode ? `AWS has answered with an error that does not say whether it has accepted the call (${name}: ${message})`
    : `the connection was lost before an answer came (${message})`;
  return new OutcomeUnknownError(said, CallFault.NO_ANSWER, requestId, log, error);
}
