import { readFileSync } from 'node:fs';
import { DeploymentOutput } from '../../discovery/deployment-output';
import { VastVersion } from '../../engine';
import { AwsConnection } from '../../runtime/aws-connection';
import { callClient } from '../../runtime/client-call';
import { Failure } from '../errors';

/** Talks to the engine as on AWS: with commands that the deployment's Lambda client runs next to the server. */
export class EngineClient {
  public constructor(
    private readonly connection: AwsConnection, private readonly deployment: DeploymentOutput, private readonly version: VastVersion,
  ) {}

  /** Imports a gzipped log of Zeek connections; the server has it when this returns. */
  public async importZeekConnections(file: string): Promise<void> {
    await this.pipeline('load_stdin | decompress_gzip | read_zeek_tsv | import', {
      stdin: readFileSync(file).toString('base64'), stdinEncoding: 'base64',
    });
  }

  /** How many Zeek connections the database has. */
  public async countZeekConnections(): Promise<number> {
    const answer = await this.pipeline('export | where @name == "zeek.conn" | summarize n=count() | write_ndjson');
    // An aggregation over nothing has nothing to say in some releases, and says 0 in others.
    return answer.trim() ? (JSON.parse(answer) as { n: number }).n : 0;
  }

  private async pipeline(pipeline: string, input: { stdin?: string; stdinEncoding?: 'base64' } = {}): Promise<string> {
    const result = await callClient(this.connection, this.deployment, { cmd: `${this.version.clientCommand} '${pipeline}'`, ...input });
    if (result.exitCode !== 0) {
      throw new Failure(`the pipeline ended with ${result.exitCode ?? result.signal}: ${result.stderr.trim()}`);
    }
    return result.stdout;
  }
}
