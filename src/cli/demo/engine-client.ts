import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DeploymentOutput } from '../../discovery/deployment-output';
import { VastVersion } from '../../engine';
import { AwsConnection } from '../../runtime/aws-connection';
import { callClient } from '../../runtime/client-call';
import { Failure } from '../errors';

const READY_SECONDS = 120;

/** Talks to the engine as on AWS: with commands that the deployment's Lambda client runs next to the server. */
export class EngineClient {
  public constructor(
    private readonly connection: AwsConnection, private readonly deployment: DeploymentOutput, private readonly version: VastVersion,
  ) {}

  /** Returns when the engine answers a query. */
  public async waitUntilReady(tell: (what: string) => void, signal?: AbortSignal): Promise<void> {
    const deadline = Date.now() + READY_SECONDS * 1000;
    const cmd = ['timeout', '20', ...this.version.readinessCommand().map(word => `'${word}'`)].join(' ');
    for (let attempt = 1; ; attempt++) {
      const { exitCode, stderr } = await callClient(this.connection, this.deployment, { cmd });
      if (exitCode === 0) {
        return;
      } else if (Date.now() > deadline) {
        throw new Failure(`the engine did not answer within ${READY_SECONDS} s: ${stderr.trim()}`);
      }
      tell(`asked ${attempt} times`);
      await sleep(500, undefined, { signal });
    }
  }

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
