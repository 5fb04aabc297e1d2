import { readFileSync } from 'node:fs';
import { DeploymentOutput } from '../../discovery/deployment-output';
import { VastVersion } from '../../engine';
import { AwsConnection } from '../../runtime/aws-connection';
import { Client } from '../../runtime/client';
import { Failure } from '../errors';

/** Talks to the engine as on AWS: with commands that the deployment's Lambda client runs next to the server. */
export class EngineClient {
  private readonly client: Client;

  public constructor(connection: AwsConnection, deployment: DeploymentOutput, private readonly version: VastVersion) {
    this.client = new Client(connection, deployment);
  }

  /** Imports a gzipped log of Zeek connections; the server has it when this returns. */
  public async importZeekConnections(file: string): Promise<void> {
    await this.pipeline('load_stdin | decompress_gzip | read_zeek_tsv | import', readFileSync(file));
  }

  /** How many Zeek connections the database has. */
  public async countZeekConnections(): Promise<number> {
    const answer = await this.pipeline('export | where @name == "zeek.conn" | summarize n=count() | write_ndjson');
    // An aggregation over nothing has nothing to say in some releases, and says 0 in others.
    return answer.trim() ? (JSON.parse(answer) as { n: number }).n : 0;
  }

  private async pipeline(pipeline: string, stdin?: Buffer): Promise<string> {
    const { exitCode, stdout, stderr } = await this.client.run(`${this.version.clientCommand} '${pipeline}'`, { stdin });
    if (exitCode !== 0) {
      throw new Failure(`the pipeline ended with ${exitCode}: ${stderr.toString().trim()}`);
    }
    return stdout.toString();
  }
}
