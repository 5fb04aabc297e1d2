import { VastVersion } from './vast-version';

/** The connection time-out of a client. The engine's default is 5 minutes from v3.0.0 on, in which it ignores signals. */
const CONNECTION_TIMEOUT = '30s';

/** The environment variables with which the engine's client gives up on a server that it cannot reach. */
export function clientEnvironment(version: VastVersion): { [name: string]: string } {
  return version._connectionTimeoutFromEnvironment ? { [`${version.environmentPrefix}CONNECTION_TIMEOUT`]: CONNECTION_TIMEOUT } : {};
}
