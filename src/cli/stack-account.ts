/** The context of the CDK apps that has the account that `vast-cloud` has looked at. */
export const ACCOUNT_CONTEXT = 'vast-cloud:account';

/**
 * The account of a stack: the one that `vast-cloud` has looked at.
 *
 * @param expected the value of the context; undefined where an app runs without AWS
 * @param deploying the account of the credentials that the CDK CLI deploys with
 * @throws Error where the two are not the same
 */
export function stackAccount(expected: unknown, deploying = process.env.CDK_DEFAULT_ACCOUNT): string | undefined {
  if (typeof expected !== 'string') {
    return deploying;
  }
  if (deploying && deploying !== expected) {
    throw new Error(`the account ${expected} was looked at, and the CDK CLI would change the account ${deploying}: `
      + 'the credentials were changed meanwhile, or the two find different ones. Set one of AWS_PROFILE and AWS_ACCESS_KEY_ID, and try again');
  }
  return expected;
}
