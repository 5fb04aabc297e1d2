import { AwsCallError, AwsFailure } from '../aws-call-error';
import { ClientLimits } from './limits';

/** The fields that the SDK's errors have; those of the network have less. */
export interface SdkError extends Error {
  readonly code?: string;
  readonly retryAfterSeconds?: string;
  readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
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

/** Whether there was an answer other than an error, which then was not to be understood. The SDK does not always keep it, but the message tells. */
export function answerBegun({ message, $metadata: { httpStatusCode = 200 } = {}, $response }: SdkError): boolean {
  return httpStatusCode < 300 && ($response !== undefined || message.includes('Deserialization error'));
}

/** What is known of a call that failed after it was sent; undefined where it may have been accepted. */
export function refusal(error: SdkError, limits: ClientLimits): Refusal | undefined {
  const { name, message, code, $metadata } = error;
  const status = $metadata?.httpStatusCode;
  if (answerBegun(error)) {
    return undefined;
  }
  if (status === undefined) {
    if (NO_CONNECTION.test(`${message} ${code}`)) {
      return { attempts: limits.connectionAttempts, error };
    }
    return BAD_CERTIFICATE.test(code ?? '') ? { attempts: 1, error: notTrusted(error) } : undefined;
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
    // Where this machine's clock is wrong, the SDK has set its own by that of AWS in the meantime.
    return { attempts: $metadata?.clockSkewCorrected ? 2 : 1, pauseMs: 0, error };
  }
  return status >= 300 && status < 500 ? { attempts: 1, error } : undefined;
}

function notTrusted(error: SdkError): AwsCallError {
  return new AwsCallError(`what answers has a certificate that is not trusted (${error.code}: ${error.message}): `
    + 'is there a proxy in between? NODE_EXTRA_CA_CERTS names a file with more certificates', AwsFailure.UNREACHABLE, error.code!, undefined, error);
}

function notStarted(error: SdkError, advice: string): AwsCallError {
  const requestId = error.$metadata?.requestId;
  return new AwsCallError(`${advice}; the command was not run (${error.name}: ${error.message}${requestId ? `, request ${requestId}` : ''})`,
    AwsFailure.SERVICE, error.name, requestId, error);
}
