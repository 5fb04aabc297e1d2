import { ClientFunctionError } from './errors';
import type { ClientRunResult } from './outcome';
import { INVALID_EVENT, OUTPUT_LIMIT_EXCEEDED, STREAMED_ANSWER_BYTES } from '../../client/contract';

/** What a function's error says of itself. */
export interface FunctionFailure {
  readonly errorType: string;
  readonly errorMessage: string;
}

const UNKNOWN = 'how the command has ended is unknown';

/** What to do about it, by the name of the error. */
const ADVICE: { readonly [errorType: string]: string } = {
  [INVALID_EVENT]: 'the command was not run; the client is of another release than this: deploy it again',
  [OUTPUT_LIMIT_EXCEEDED]: `the command was killed; let it print less than ${STREAMED_ANSWER_BYTES / 1e6} MB, or write to S3`,
  'Sandbox.Timedout': `${UNKNOWN}, and nothing of it goes on; give the function more time (client.timeout)`,
  'Runtime.ExitError': `${UNKNOWN}, and nothing of it goes on; it may have needed more memory than there is (client.memoryMiB)`,
  'Runtime.OutOfMemory': `${UNKNOWN}, and nothing of it goes on; it needed more memory than there is (client.memoryMiB)`,
};

/** The error of a function, with what to do about it. */
export function functionError(
  { errorType, errorMessage }: FunctionFailure, requestId: string, log: string | undefined, outcome?: ClientRunResult,
): ClientFunctionError {
  const advice = ADVICE[errorType] ?? (outcome ? 'the command itself had come to its end' : `${UNKNOWN}${log ? `; see the log ${log}` : ''}`);
  return new ClientFunctionError(`the client has failed: ${errorType}: ${errorMessage}: ${advice} (request ${requestId})`, errorType, requestId, outcome);
}

/** The error that JSON tells of; undefined where it is something else. */
export function functionFailure(json: string): FunctionFailure | undefined {
  try {
    const { errorType, errorMessage } = JSON.parse(json) as Partial<FunctionFailure>;
    return typeof errorType === 'string' ? { errorType, errorMessage: errorMessage ?? 'no message' } : undefined;
  } catch {
    return undefined;
  }
}
