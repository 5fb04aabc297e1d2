import { InvalidInputError, VastRuntimeError } from './errors';

/** What kind of failure a call to AWS had, and so who can do something about it. */
export enum AwsFailure {
  /** There are no credentials, or AWS does not accept them (any more). */
  CREDENTIALS = 'CREDENTIALS',
  /** The credentials are good, and do not allow this. */
  PERMISSION = 'PERMISSION',
  /** Nothing answers, or not in time. */
  UNREACHABLE = 'UNREACHABLE',
  /** AWS asked to slow down, again and again. */
  THROTTLED = 'THROTTLED',
  /** AWS has a problem of its own. */
  SERVICE = 'SERVICE',
  /** AWS does not accept what it was asked. */
  REQUEST = 'REQUEST',
}

/** A call to AWS that failed, after all attempts that make sense. */
export class AwsCallError extends VastRuntimeError {
  public override readonly name = 'AwsCallError';

  public constructor(
    message: string,
    /** Who can do something about it. */
    public readonly failure: AwsFailure,
    /** AWS's own name of the error, such as `AccessDeniedException`. */
    public readonly code: string,
    /** What AWS support asks for; undefined where no answer came. */
    public readonly requestId: string | undefined,
    cause: unknown,
  ) {
    super(message, { cause });
  }
}

/** Waits for an answer that the caller can do without: undefined where the credentials do not allow the call. */
export async function unlessDenied<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error) => {
    if (error instanceof AwsCallError && error.failure === AwsFailure.PERMISSION) {
      return undefined;
    }
    throw error;
  });
}

/** The fields that the SDK's errors have; its classes differ from client to client. */
interface SdkError extends Error {
  readonly code?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly requestId?: string; readonly httpStatusCode?: number };
  readonly $retryable?: { readonly throttling?: boolean };
}

const { CREDENTIALS, PERMISSION, UNREACHABLE, THROTTLED, SERVICE, REQUEST } = AwsFailure;

/** What is known to help, by AWS's name of the error. */
const KNOWN: { readonly [name: string]: readonly [AwsFailure, string] } = {
  CredentialsProviderError: [CREDENTIALS, 'there are no AWS credentials: log in (aws sso login, aws configure), or set AWS_PROFILE or AWS_ACCESS_KEY_ID'],
  TokenProviderError: [CREDENTIALS, 'the AWS login is not complete: log in again (aws sso login)'],
  ExpiredToken: [CREDENTIALS, 'the AWS credentials have expired: log in again'],
  ExpiredTokenException: [CREDENTIALS, 'the AWS credentials have expired: log in again'],
  RequestExpired: [CREDENTIALS, 'AWS calls the request too old: log in again, or check this machine\'s clock'],
  RequestTimeTooSkewed: [CREDENTIALS, 'the clock of this machine differs too much from that of AWS: set it'],
  InvalidSignatureException: [CREDENTIALS, 'AWS does not accept the signature: check AWS_SECRET_ACCESS_KEY and this machine\'s clock'],
  SignatureDoesNotMatch: [CREDENTIALS, 'AWS does not accept the signature: check AWS_SECRET_ACCESS_KEY and this machine\'s clock'],
  InvalidClientTokenId: [CREDENTIALS, 'AWS does not know the credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  InvalidAccessKeyId: [CREDENTIALS, 'AWS does not know the credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  UnrecognizedClientException: [CREDENTIALS, 'AWS does not know the credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  AuthFailure: [CREDENTIALS, 'AWS does not accept the credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY'],
  AccessDenied: [PERMISSION, 'the AWS credentials do not allow this'],
  AccessDeniedException: [PERMISSION, 'the AWS credentials do not allow this'],
  UnauthorizedOperation: [PERMISSION, 'the AWS credentials do not allow this'],
};

const THROTTLING = /^(Throttl|TooManyRequests|RequestLimitExceeded|SlowDown|LimitExceeded)/;
/** The SDK does not always keep the code, but the message has it, too. */
const NO_ANSWER = /\b(ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EPROTO)\b/;

/**
 * An error of the SDK as one of ours; any other as it is.
 *
 * @param endpoint the custom endpoint that was called, with the setting that it comes from
 */
export function asAwsCallError(error: unknown, endpoint?: { readonly setting: string; readonly url: string }): unknown {
  if (!(error instanceof Error) || error instanceof VastRuntimeError || error.name === 'AbortError') {
    return error;
  }
  const { name, message, code, $fault, $metadata, $retryable } = error as SdkError;
  const requestId = $metadata?.requestId;
  const told = (advice: string) => `${advice} (${name}: ${message}${requestId ? `, request ${requestId}` : ''})`;
  const failed = (failure: AwsFailure, words: string) => new AwsCallError(words, failure, name, requestId, error);

  if (message === 'Region is missing') {
    return new InvalidInputError('no AWS region is known: set VAST_AWS_REGION for vast-cloud, AWS_REGION for everything, '
      + 'or the region of the profile; in a program, give region', { cause: error });
  }
  const known = KNOWN[name];
  const isOfProvider = /ProviderError$/.test(name);
  if (known && !(isOfProvider && NO_ANSWER.test(message))) {
    return failed(known[0], told(known[1]));
  }
  if (NO_ANSWER.test(`${code} ${message}`) || name === 'TimeoutError') {
    return failed(UNREACHABLE, endpoint && !isOfProvider
      ? `nothing answers at ${endpoint.setting}=${endpoint.url} (${message}): is it running? A local AWS has another port after each start: eval "$(./vast-cloud local env)" again`
      : `AWS is not reachable (${message}): check the network and the region`);
  }
  if ($retryable?.throttling || THROTTLING.test(name) || $metadata?.httpStatusCode === 429) {
    return failed(THROTTLED, told('AWS asks to slow down, and did so until we gave up: try again later, and see who else makes many calls'));
  }
  if ($fault === 'server' || ($metadata?.httpStatusCode ?? 0) >= 500) {
    return failed(SERVICE, told('AWS has a problem of its own: try again later'));
  }
  if ($fault === undefined && $metadata === undefined) {
    return error;
  }
  return failed(REQUEST, told('AWS does not accept the request'));
}
