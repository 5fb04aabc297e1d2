import { homedir } from 'node:os';
import path from 'node:path';
import { asAwsCallError, AwsCallError, AwsFailure } from './aws-call-error';
import { awsSdk } from './aws-sdk';
import type { ConfigSections, CredentialProvider, StaticCredentials } from './aws-services';
import { AwsConnectionOptions, awsSource } from './aws-source';
import { InvalidInputError } from './errors';

/** A custom endpoint, and the setting that it comes from. */
export interface CustomEndpoint {
  readonly url: string;
  readonly setting: string;
}

/** The settings of a connection, resolved: every client of it gets the same. */
export interface AwsSettings {
  readonly credentials: StaticCredentials | CredentialProvider;
  readonly profile?: string;
  /** Undefined where no setting has one. */
  readonly region?: string;

  /**
   * The custom endpoint of a service; undefined where AWS itself is called.
   *
   * @param serviceId the SDK's id of the service, such as `Service Quotas`
   * @throws InvalidInputError where it is not the URL of a web server
   */
  endpointOf(serviceId: string): CustomEndpoint | undefined;
}

/** Failures to fetch credentials that say nothing about the profile, and may be over at the next attempt. */
const PASSING_FAILURES = [AwsFailure.UNREACHABLE, AwsFailure.THROTTLED, AwsFailure.SERVICE];

/** The settings of a profile that give credentials. */
const CREDENTIAL_SETTINGS = [
  'aws_access_key_id', 'role_arn', 'credential_source', 'credential_process', 'web_identity_token_file',
  'sso_session', 'sso_start_url', 'sso_account_id', 'login_session',
];

/**
 * Resolves the settings of a connection from its options, the environment and the shared configuration files.
 *
 * @throws InvalidInputError where the environment has half a pair of keys; AwsCallError where there is no such profile
 */
export async function resolveAwsSettings(options: AwsConnectionOptions, environment: NodeJS.ProcessEnv = process.env): Promise<AwsSettings> {
  const { keys, profile, region } = awsSource(options, environment);
  const sdk = awsSdk('config');
  const { configFile, credentialsFile } = await sdk.loadSharedConfigFiles({ ignoreCache: true });
  const name = profile ?? 'default';
  if (profile && !configFile[name] && !credentialsFile[name]) {
    throw unknownProfile(options.profile ? `profile '${name}'` : `AWS_PROFILE=${name}`, { ...configFile, ...credentialsFile }, environment);
  }
  const section = { ...credentialsFile[name], ...configFile[name] };
  const givesCredentials = CREDENTIAL_SETTINGS.some(key => section[key] !== undefined);
  // The order of the AWS CLI: an assumed role of the profile, this web identity, then whatever else the profile has.
  const isWebIdentity = !options.profile && environment.AWS_WEB_IDENTITY_TOKEN_FILE && environment.AWS_ROLE_ARN
    && !(section.role_arn && (section.source_profile || section.credential_source));
  return {
    // Only the profile that was chosen: where it fails, the default chain would go on to whatever role this machine has.
    credentials: keys ?? sdk.memoized(isWebIdentity ? sdk.fromTokenFile() : givesCredentials
      ? naming(name, section, sdk.fromIni({ profile: name }))
      : sdk.defaultProvider({ profile })),
    profile,
    region: region ?? section.region,
    endpointOf: serviceId => checkedEndpoint(options.endpoint ? { url: options.endpoint, setting: 'endpoint' }
      : configuredEndpoint(serviceId, name, section, configFile, environment)),
  };
}

/** Recognizes endpoints of AWS; others have one host name for all buckets. */
export function isAwsEndpoint(url: string, region = ''): boolean {
  const { dnsSuffix, dualStackDnsSuffix } = awsSdk('config').partition(region);
  const { hostname } = new URL(url);
  return [dnsSuffix, dualStackDnsSuffix].some(suffix => hostname.endsWith(`.${suffix}`));
}

/** @throws InvalidInputError where it is not the URL of a web server */
function checkedEndpoint(endpoint: CustomEndpoint | undefined): CustomEndpoint | undefined {
  if (endpoint && !(URL.canParse(endpoint.url) && /^https?:$/.test(new URL(endpoint.url).protocol))) {
    throw new InvalidInputError(`${endpoint.setting}=${endpoint.url} is not a URL: give one such as http://localhost:4566`);
  }
  return endpoint;
}

/**
 * The endpoint that is configured for a service, in the order of AWS's tools.
 *
 * The SDK does this, too, but for the profile that the environment names, whatever profile it was given.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
function configuredEndpoint(
  serviceId: string, profile: string, section: NonNullable<ConfigSections[string]>, sections: ConfigSections, environment: NodeJS.ProcessEnv,
): CustomEndpoint | undefined {
  const ignored = environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS || section.ignore_configured_endpoint_urls;
  if (ignored?.toLowerCase() === 'true') {
    return undefined;
  }
  const id = serviceId.replaceAll(' ', '_');
  const candidates: [setting: string, url: string | undefined][] = [
    ...[`AWS_ENDPOINT_URL_${id.toUpperCase()}`, 'AWS_ENDPOINT_URL'].map((name): [string, string | undefined] => [name, environment[name]]),
    [`endpoint_url of ${id.toLowerCase()} in the services ${section.services}`, sections[`services.${section.services}`]?.[`${id.toLowerCase()}.endpoint_url`]],
    [`endpoint_url of the profile ${profile}`, section.endpoint_url],
  ];
  const [setting, url] = candidates.find(candidate => candidate[1]) ?? [];
  return setting && url ? { url, setting } : undefined;
}

function unknownProfile(given: string, sections: ConfigSections, environment: NodeJS.ProcessEnv): AwsCallError {
  const known = Object.keys(sections).filter(name => !/^(services|sso-session)\./.test(name)).sort();
  const files = [environment.AWS_CONFIG_FILE || path.join(homedir(), '.aws', 'config'),
    environment.AWS_SHARED_CREDENTIALS_FILE || path.join(homedir(), '.aws', 'credentials')];
  return new AwsCallError(`${given}: there is no such profile in ${files.join(' or ')}; ${known.length > 0 ? `there is ${known.join(', ')}` : 'they have none'}`,
    AwsFailure.CREDENTIALS, 'ProfileNotFound', undefined, undefined);
}

/** Names the profile, and what to do, where it gives no credentials. */
function naming(profile: string, section: NonNullable<ConfigSections[string]>, provider: CredentialProvider): CredentialProvider {
  return async (options) => {
    try {
      return await provider(options);
    } catch (error) {
      const failure = asAwsCallError(error);
      if (failure instanceof AwsCallError && PASSING_FAILURES.includes(failure.failure)) {
        throw new AwsCallError(`the credentials of the profile '${profile}' could not be fetched: ${failure.message}`, failure.failure, failure.code, failure.requestId, error);
      }
      const { name, message } = error as Error;
      const advice = section.credential_process !== undefined ? `run its credential_process by hand: ${section.credential_process}`
        : section.mfa_serial !== undefined ? `it wants a code of ${section.mfa_serial}, which only the AWS CLI asks for: eval "$(aws configure export-credentials --profile ${profile} --format env)"`
          : section.sso_session !== undefined || section.sso_start_url !== undefined ? `log in: aws sso login --profile ${profile}`
            : section.login_session !== undefined ? `log in: aws login --profile ${profile}`
              : `check it: aws sts get-caller-identity --profile ${profile}`;
      throw new AwsCallError(`the profile '${profile}' gives no credentials (${message.trim()}): ${advice}`, AwsFailure.CREDENTIALS, name, undefined, error);
    }
  };
}
