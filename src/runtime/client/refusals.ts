import type { LambdaClient } from '@aws-sdk/client-lambda';
import { AwsCallError, AwsFailure } from '../aws-call-error';
import { ClientLimits } from './limits';

/** The fields that the SDK's errors have; those of the network have less. */
export interface SdkError extends Error {
  readonly code?: string;
  readonly retryAfterSeconds?: string;
  readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number };
  readonly $response?: { readonly headers?: { readonly [name: string]: string } };
}

/** A call that certainly was not accepted. */
export interface Refusal {
  /** How often such a call is made. */
  readonly attempts: number;

  /** Before the next attempt, in any case; in milliseconds. */
  readonly pauseMs?: number;

  /** What to fail with in the end. */
  readonly error: unknown;
}

/** Lambda or EC2 ask to slow down. */
const THROTTLED = new Set(['TooManyRequestsException', 'ThrottlingException', 'EC2ThrottledException']);

/** The function is being created or updated, or waits for its network. */
const NOT_READY = new Set(['ResourceConflictException', 'ResourceNotReadyException', 'ENILimitReachedException']);

/** Failures of Lambda, by its own account, to bring the function up: its program has not seen the event. */
const NOT_STARTED = /^(EC2|EFS|KMS|SubnetIPAddressLimit|InvalidSubnetID|InvalidSecurityGroupID|InvalidRuntime|InvalidZipFile)/;

const SIGNATURE = new Set(['InvalidSignatureException', 'SignatureDoesNotMatch', 'RequestTimeTooSkewed', 'RequestExpired']);

/** These come of looking for a connection, never of having one. The SDK does not always keep the code, but the message has it. */
const NO_CONNECTION = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b|^connect |did not establish a connection/;
const BAD_CERTIFICATE = /CERT|^UNABLE_TO_|^ERR_TLS/;

/** AWS itself allows five minutes. */
const SKEW_MS = 60_000;

/** What is known of a call that failed after it was sent; undefined where it may have been accepted. */
export function refusal(error: SdkError, client: LambdaClient, limits: ClientLimits): Refusal | undefined {
  const { name, message, code, $metadata } = error;
  const status = $metadata?.httpStatusCode;
  if (status === undefined) {
    if (NO_CONNECTION.test(`${message} ${code}`)) {
      return { attempts: limits.connectionAttempts, error };
    }
    return BAD_CERTIFICATE.test(code ?? '')
      ? {
        attempts: 1,
        error: new AwsCallError(`AWS is not reached, but something with a certificate that is not trusted (${code}: ${message}): `
        + 'NODE_EXTRA_CA_CERTS names a file with more certificates', AwsFailure.UNREACHABLE, code!, undefined, error),
      }
      : undefined;
  }
  if (THROTTLED.has(name) || status === 429) {
    return { attempts: limits.attempts, pauseMs: Number(error.retryAfterSeconds) * 1000 || undefined, error };
  }
  if (NOT_READY.has(name)) {
    return { attempts: limits.attempts, error: notStarted(error, 'the client\'s function is not ready yet: try again in a minute') };
  }
  if (NOT_STARTED.test(name)) {
    return { attempts: 1, error: notStarted(error, 'Lambda cannot start the client\'s function: see its configuration') };
  }
  if (SIGNATURE.has(name)) {
    return { attempts: clockIsSet(error, client) ? 2 : 1, pauseMs: 0, error };
  }
  return status < 500 ? { attempts: 1, error } : undefined;
}

function notStarted(error: SdkError, advice: string): AwsCallError {
  const requestId = error.$metadata?.requestId;
  return new AwsCallError(`${advice}; the command was not run (${error.name}: ${error.message}${requestId ? `, request ${requestId}` : ''})`,
    AwsFailure.SERVICE, error.name, requestId, error);
}

/**
 * Sets the client's clock by that of AWS, and says whether it was wrong.
 *
 * The SDK does the same for other calls, but not for those that are answered with a stream.
 */
function clockIsSet({ $response }: SdkError, client: LambdaClient): boolean {
  const theirs = Date.parse($response?.headers?.date ?? '');
  const offset = theirs - Date.now();
  if (Number.isNaN(theirs) || Math.abs(offset - client.config.systemClockOffset) < SKEW_MS) {
    return false;
  }
  client.config.systemClockOffset = offset;
  return true;
}
