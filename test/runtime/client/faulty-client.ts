import { DeploymentOutput } from '../../../src/discovery/deployment-output';
import { AwsConnection } from '../../../src/runtime/aws-connection';
import { Client } from '../../../src/runtime/client';
import { ClientLimits } from '../../../src/runtime/client/limits';
import { FaultyEndpoint } from '../faulty-endpoint';
import { DEPLOYMENT } from '../server/fake-server';

/** What waits for minutes otherwise does so for moments; what is not to be reached within a test is left as it is. */
const QUICK: Partial<ClientLimits> = { firstPauseMs: 1 };

/** A client before an endpoint that does what the test says. */
export class FaultyClient {
  public static async open(): Promise<FaultyClient> {
    return new FaultyClient(await FaultyEndpoint.open());
  }

  public readonly connection: AwsConnection;
  public readonly client: Client;

  private constructor(public readonly endpoint: FaultyEndpoint) {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' });
    this.connection = new AwsConnection({ endpoint: endpoint.url, region: 'eu-west-1' });
    this.client = this.with();
  }

  /** The same with other limits, or for another deployment. */
  public with(limits: Partial<ClientLimits> = {}, deployment: Partial<DeploymentOutput> = {}): Client {
    return new Client(this.connection, { ...DEPLOYMENT, ...deployment }, { ...QUICK, ...limits });
  }

  public async close(): Promise<void> {
    this.connection.close();
    await this.endpoint.close();
  }
}

/** The error that a promise is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<Error & { [field: string]: unknown }> {
  return promise.then(
    value => { throw new Error(`did not fail, but gave ${JSON.stringify(value)}`); },
    (error: Error & { [field: string]: unknown }) => error,
  );
}
