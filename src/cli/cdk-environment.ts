import { isAwsEndpoint, resolveAwsSettings } from '../runtime/aws-settings';

/**
 * Variables of the CDK that stay the user's: which program builds images, and how it logs in to the registries of their bases.
 * Those that begin with `CDK_VAST_` are this package's own.
 */
const USERS = /^(CDK_DOCKER|CDK_DOCKER_CREDS_FILE|CDK_VAST_.*)$/;

/**
 * Variables that would take part in what the CDK CLI and an app do.
 *
 * The CLI takes each of its options from a variable that begins with `CDK`, such as `CDK_APP` or `CDK_PROFILE`; an app takes
 * its context and its output directory from there, and `CONTEXT_OVERFLOW_LOCATION`. Credentials named `AMAZON_` count for
 * the CLI alone.
 */
const DECISIVE = /^(CDK|AMAZON_|CONTEXT_OVERFLOW_LOCATION$)/;

/** The environment without anything that would take part in what the CDK CLI and an app do. */
export function cdkEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => USERS.test(name) || !DECISIVE.test(name)));
}

/** The variable that has the CDK CLI use path-style S3 addresses, for every endpoint that is not AWS's; it sees localhost by itself. */
export async function s3Addressing(environment: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const { region, endpointOf } = await resolveAwsSettings({}, environment);
  const endpoint = endpointOf('S3');
  return endpoint && !isAwsEndpoint(endpoint.url, region) ? { CDK_S3_FORCE_PATH_STYLE: 'true' } : {};
}
