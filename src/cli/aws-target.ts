import { UserError } from './errors';
import { DEFAULT_INSTANCE, findLocalAws, LocalAws } from './local-aws';
import { awsSource } from '../runtime/aws-source';

/** Variables that decide about credentials and region, or that tools read differently from each other. */
const DECIDED = /^(AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|PROFILE|DEFAULT_PROFILE|REGION|DEFAULT_REGION)|AMAZON_.*)$/;

/**
 * The environment for AWS tools and for our own calls: that of the user, or with `--local` that of the local AWS.
 *
 * Credentials and region are decided here, once, and written out so that nothing is left to decide: the AWS SDK and the CDK
 * CLI would choose differently among `AWS_PROFILE`, `AWS_DEFAULT_PROFILE` and access keys. A profile is handed on as a
 * profile, not as the keys that it gives now: those may expire before a deployment has ended, and only the profile renews
 * them. Where there are keys in the environment, `AWS_PROFILE` stays beside them for its settings (`endpoint_url`,
 * `ca_bundle`), as for the AWS CLI.
 *
 * The SDK inside of this process reads the environment of this process, so it is changed here as well.
 *
 * @param region the region that was chosen for the deployment
 * @throws UserError where the local AWS does not run; InvalidInputError where the environment has half a pair of keys
 */
export async function targetEnvironment(environment: NodeJS.ProcessEnv, local: boolean, region?: string): Promise<NodeJS.ProcessEnv> {
  if (!local) {
    return enter(decided(environment, region));
  }
  const instance = await findLocalAws(DEFAULT_INSTANCE);
  if (!instance) {
    throw new UserError('the local AWS does not run: start it with ./vast-cloud local start');
  }
  return enterLocalAws(instance, environment, region);
}

/**
 * Points this process, and what it starts, at a local AWS.
 *
 * Nothing of a real account may get into this: neither credentials nor a service's own endpoint. The local AWS has
 * configuration files of its own.
 */
export function enterLocalAws(local: LocalAws, environment: NodeJS.ProcessEnv = process.env, region?: string): NodeJS.ProcessEnv {
  return enter(decided({
    ...without(environment, /^(AWS|AMAZON)_/),
    ...local.env,
  }, region));
}

/** The environment with one source of credentials and one region. */
function decided(environment: NodeJS.ProcessEnv, chosen: string | undefined): NodeJS.ProcessEnv {
  const { keys, profile, region } = awsSource({ region: chosen }, environment);
  return {
    // Unless told, the CDK CLI guesses whether this is an instance of EC2, and may miss a role that the SDK has found.
    ...!keys && !profile && { AWS_EC2_METADATA_DISABLED: 'false' },
    ...without(environment, DECIDED),
    ...region && { AWS_REGION: region, AWS_DEFAULT_REGION: region },
    ...profile && { AWS_PROFILE: profile },
    ...keys && { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey },
    ...keys?.sessionToken && { AWS_SESSION_TOKEN: keys.sessionToken },
  };
}

function enter(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  for (const name of Object.keys(process.env).filter(key => /^(AWS|AMAZON)_/.test(key) && !(key in environment))) {
    delete process.env[name];
  }
  Object.assign(process.env, environment);
  return environment;
}

function without(environment: NodeJS.ProcessEnv, names: RegExp): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !names.test(name)));
}
