import { SessionUnknownError } from './errors';

/** The fields that the SDK's errors have; those of the network have less. */
interface SdkError extends Error {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** These come of looking for a connection, never of having one. The SDK does not always keep the code, but the message has it. */
const NO_CONNECTION = /\b(ECONNREFUSED|ENOTFOUND|EAI_AGAIN)\b|^connect |did not establish a connection/;

/**
 * One attempt of a call that must not be made twice: where it may have been accepted, it fails with an error after which no
 * other attempt is made.
 *
 * @throws SessionUnknownError; the error of the attempt where it was refused
 */
export async function onceAccepted<T>(attempt: () => Promise<T>): Promise<T> {
  try {
    return await attempt();
  } catch (caught) {
    const { name, message, code, $metadata } = caught as SdkError;
    const status = $metadata?.httpStatusCode;
    if (name === 'AbortError' || (status === undefined ? NO_CONNECTION.test(`${message} ${code}`) : status >= 400 && status < 500)) {
      throw caught;
    }
    // The cause is in words: the SDK makes another attempt for what has a passing one.
    throw new SessionUnknownError(`AWS was asked to begin the command, and it is not known whether it did (${name}: ${message}): `
      + 'look at what it should have done before you run it again');
  }
}
