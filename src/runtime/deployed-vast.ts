import { DeployedClient } from './deployed-client';
import { DeployedServer } from './deployed-server';
import { DeployedVastProps } from './deployed-vast-props';

/**
 * A deployment after it was deployed: starts, stops and shows its server, and runs commands next to it.
 *
 * Nothing is asked of AWS before the first method is called. Region, profile, credentials and endpoint come from where
 * every tool of AWS takes them, unless they are given.
 */
export class DeployedVast {
  /** The server. */
  public readonly server: DeployedServer;

  /** The client, which runs commands next to the server. */
  public readonly client: DeployedClient;

  /** It is an error if neither `stackName` nor `attributes` is given, or both are. */
  constructor(props: DeployedVastProps) {
    this.server = new DeployedServer(props);
    this.client = new DeployedClient(props);
  }
}
