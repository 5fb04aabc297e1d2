import { setTimeout as sleep } from 'node:timers/promises';
import { AwsCallError, AwsFailure } from '../aws-call-error';
import { AnswerLostError } from './client-errors';

/** Errors of Lambda that it gives before it has accepted a call, and that pass by themselves. */
const NOT_ACCEPTED = /^(TooManyRequestsException|EC2ThrottledException|EC2UnexpectedException|ENILimitReachedException|ENINotReadyException|ResourceNotReadyException|ResourceConflictException)$/;

/** Nobody was there to accept anything. */
const NO_CONNECTION = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)\b/;

/** A signature that is not accepted because of the clock: the SDK has set its own right by the answer. */
const SKEWED = /^(RequestTimeTooSkewed|InvalidSignatureException|SignatureDoesNotMatch|RequestExpired)$/;

const MOST_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Makes a call, and makes it again where it is certain that the one before was not accepted. A call that may have been is
 * never made again: a command that runs twice may import the same data twice.
 *
 * @param call is an attempt
 * @param signal ends the pauses between attempts
 */
export async function untilAccepted<T>(call: () => Promise<T>, signal?: AbortSignal, firstPauseMs = FIRST_PAUSE_MS): Promise<T> {
  let skewed = false;
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const again = error instanceof AwsCallError && attempt < MOST_ATTEMPTS && (isRefused(error) || (!skewed && SKEWED.test(error.code)));
      if (!again) {
        throw unknownIfAccepted(error);
      }
      skewed ||= SKEWED.test(error.code);
      await sleep(pause(attempt, firstPauseMs), undefined, { signal });
    }
  }
}

/** A call that got no answer, or that of a broken server, may have been accepted all the same. */
function unknownIfAccepted(error: unknown): unknown {
  const unknown = error instanceof AwsCallError && !isRefused(error) && [AwsFailure.UNREACHABLE, AwsFailure.SERVICE].includes(error.failure);
  return unknown
    ? new AnswerLostError(`${error.message}: whether the command was accepted is unknown; see the client's log (vast-cloud logs --client) `
      + 'before you run it again', error.requestId, error)
    : error;
}

function isRefused({ code, failure, message }: AwsCallError): boolean {
  return NOT_ACCEPTED.test(code) || failure === AwsFailure.THROTTLED || (failure === AwsFailure.UNREACHABLE && NO_CONNECTION.test(message));
}

/** Longer and longer, and never the same for many that were refused at once. */
function pause(attempt: number, first: number): number {
  return Math.min(LONGEST_PAUSE_MS, first * 2 ** (attempt - 1)) * (0.5 + Math.random() / 2);
}
