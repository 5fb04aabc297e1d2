import { Token } from 'aws-cdk-lib';
import { VastVersion } from '../engine';

/** Half of the time that Fargate gives a container to stop; the rest is for the database. */
const SHUTDOWN_GRACE_PERIOD = '1min';

const KEY = 'shutdown-grace-period';

/** The properties that determine the configuration file. */
export interface ConfiguredEngine {
  readonly version: VastVersion;
  /** The names of all variables of the server, secret ones too. */
  readonly variables: string[];
  readonly engineConfiguration?: { [key: string]: any };
}

/**
 * The engine's configuration file: the user's, with a grace period for pipelines that ends before Fargate kills the engine.
 *
 * It is in the file and not in the environment, because the engine's client reads that, too.
 */
export function engineConfigurationOf({ version, variables, engineConfiguration }: ConfiguredEngine): { [key: string]: any } | undefined {
  const { configurationKey, environmentPrefix } = version;
  const own = engineConfiguration?.[configurationKey] ?? {};
  const chosen = variables.includes(`${environmentPrefix}SHUTDOWN_GRACE_PERIOD`)
    || Token.isUnresolved(engineConfiguration) || Token.isUnresolved(own)
    || KEY in own || `${configurationKey}.${KEY}` in (engineConfiguration ?? {});
  return !version._hasShutdownGracePeriod || chosen ? engineConfiguration : {
    ...engineConfiguration, [configurationKey]: { [KEY]: SHUTDOWN_GRACE_PERIOD, ...own },
  };
}
