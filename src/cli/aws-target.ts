import { UserError } from './errors';
import { DEFAULT_INSTANCE, findLocalAws, LocalAws } from './local-aws';

/**
 * The environment for AWS tools and for our own calls: that of the user, or with `--local` that of the local AWS.
 *
 * The SDK inside of this process reads the environment of this process, so it is changed here as well.
 */
export async function targetEnvironment(environment: NodeJS.ProcessEnv, local: boolean): Promise<NodeJS.ProcessEnv> {
  if (!local) {
    Object.assign(process.env, environment);
    return environment;
  }
  const instance = await findLocalAws(DEFAULT_INSTANCE);
  if (!instance) {
    throw new UserError('the local AWS does not run: start it with ./vast-cloud local start');
  }
  return enterLocalAws(instance, environment);
}

/** Points this process, and what it starts, at a local AWS. */
export function enterLocalAws(local: LocalAws, environment: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  // Neither a profile nor a session of a real account may get into this.
  for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN']) {
    delete process.env[name];
    delete environment[name];
  }
  Object.assign(process.env, local.env);
  return { ...environment, ...local.env };
}
