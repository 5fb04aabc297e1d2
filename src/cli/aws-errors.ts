import { UserError } from './errors';
import { DeploymentNotFoundError } from '../runtime/discovery';

/** What the user can do about an error of AWS, by the name that the SDK gives it. */
const ADVICE: { readonly [name: string]: string } = {
  CredentialsProviderError: 'there are no AWS credentials: log in (aws sso login, aws configure), or set AWS_PROFILE or AWS_ACCESS_KEY_ID',
  TokenProviderError: 'the AWS login is not complete: log in again (aws sso login)',
  ExpiredToken: 'the AWS credentials have expired: log in again',
  ExpiredTokenException: 'the AWS credentials have expired: log in again',
  RequestExpired: 'AWS calls the request too old: log in again, or check this machine\'s clock',
  InvalidClientTokenId: 'AWS does not know the credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  UnrecognizedClientException: 'AWS does not know the credentials: check AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  SignatureDoesNotMatch: 'AWS does not accept the signature: check AWS_SECRET_ACCESS_KEY and this machine\'s clock',
  AccessDenied: 'the AWS credentials do not allow this',
  AccessDeniedException: 'the AWS credentials do not allow this',
  AuthFailure: 'the AWS credentials do not allow this',
};

/** The error of a call to AWS as one that the user can put right; as it is where nothing is known to help. */
export function withAdvice(error: unknown): unknown {
  if (!(error instanceof Error)) {
    return error;
  }
  if (error instanceof DeploymentNotFoundError) {
    return new UserError(error.message, { cause: error });
  }
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    const endpoint = process.env.AWS_ENDPOINT_URL;
    return new UserError(endpoint
      ? `nothing answers at AWS_ENDPOINT_URL=${endpoint}: is it running? A local AWS has another port after each start: eval "$(./vast-cloud local env)" again`
      : `AWS is not reachable (${error.message}): check the network and the region`, { cause: error });
  }
  const advice = ADVICE[error.name];
  return advice ? new UserError(`${advice} (${error.name}: ${error.message})`, { cause: error }) : error;
}
