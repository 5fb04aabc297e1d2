import { InvalidInputError } from './errors';

/** Which AWS is meant. What is left out comes from where every tool of AWS takes it: environment, profile, role. */
export interface AwsConnectionOptions {
  /**
   * The AWS region.
   *
   * @default - that of the environment (`AWS_REGION`, `AWS_DEFAULT_REGION`) or the profile
   */
  readonly region?: string;

  /**
   * The profile of the shared AWS configuration. It takes precedence over access keys in the environment.
   *
   * @default - access keys of the environment (`AWS_ACCESS_KEY_ID`); without them its profile (`AWS_PROFILE`,
   * `AWS_DEFAULT_PROFILE`), or `default`
   */
  readonly profile?: string;

  /**
   * The URL of the AWS APIs, for another place than AWS itself.
   *
   * @default - that of the environment (`AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`) or the profile (`endpoint_url`), or AWS
   */
  readonly endpoint?: string;
}

/** Access keys of the environment. */
export interface EnvironmentKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The source of credentials, settings and region. */
export interface AwsSource {
  /** The credentials, where they are keys of the environment. */
  readonly keys?: EnvironmentKeys;
  /** The profile whose settings count, and whose credentials do where there are no keys; undefined for `default`, if there is one. */
  readonly profile?: string;
  /** Undefined: that of the profile. */
  readonly region?: string;
}

/**
 * Decides as the AWS CLI does: keys in the environment win over the profile that the environment names, and a profile that
 * is given explicitly wins over both.
 *
 * The AWS SDK alone would decide otherwise: it prefers `AWS_PROFILE` to the keys, and ignores `AWS_DEFAULT_PROFILE` and
 * `AWS_DEFAULT_REGION`.
 *
 * @throws InvalidInputError where the environment has half a pair of keys, or keys that cannot be sent
 */
export function awsSource({ region, profile }: AwsConnectionOptions, environment: NodeJS.ProcessEnv = process.env): AwsSource {
  return {
    keys: profile ? undefined : keysOf(environment),
    profile: profile || environment.AWS_PROFILE || environment.AWS_DEFAULT_PROFILE || undefined,
    region: [region, environment.AWS_REGION, environment.AWS_DEFAULT_REGION].find(Boolean)?.trim() || undefined,
  };
}

const KEYS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

function keysOf(environment: NodeJS.ProcessEnv): EnvironmentKeys | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment;
  if (!accessKeyId) {
    return undefined;
  } else if (!secretAccessKey) {
    throw new InvalidInputError('AWS_ACCESS_KEY_ID is set without AWS_SECRET_ACCESS_KEY: set both, or neither to use a profile');
  }
  // Keys are copied and pasted, and a line feed at their end is not seen.
  const damaged = KEYS.filter(name => /\s/.test(environment[name] ?? ''));
  if (damaged.length > 0) {
    throw new InvalidInputError(`${damaged.join(' and ')} must not contain a space or a line feed: copy and set the value again`);
  }
  return { accessKeyId, secretAccessKey, ...sessionToken && { sessionToken } };
}
