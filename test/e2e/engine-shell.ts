import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../src/cli/errors';
import { run, runOrFail } from '../../src/cli/run';
import { VastVersion } from '../../src/engine';

/** How the local AWS marks the containers of its tasks. */
const TASK_LABEL = 'cdk-vast.task-arn';

/**
 * Reaches the engine in the container of a task on the local AWS, through Docker: for tests that are not about the ways
 * in that there are on AWS.
 */
export class EngineShell {
  /** The shell of a task's container. */
  public static async ofTask(taskArn: string, version: VastVersion): Promise<EngineShell> {
    const { stdout } = await runOrFail('looking for the server\'s container', 'docker',
      ['ps', '--quiet', '--filter', `label=${TASK_LABEL}=${taskArn}`], { capture: true });
    const containers = stdout.split('\n').filter(Boolean);
    if (containers.length !== 1) {
      throw new Failure(`the task ${taskArn} has ${containers.length} containers instead of one`);
    }
    return new EngineShell(containers[0], version);
  }

  private constructor(public readonly container: string, private readonly version: VastVersion) {}

  /** Returns when the engine answers a query. */
  public async waitUntilReady(tell: (what: string) => void, signal?: AbortSignal): Promise<void> {
    const timeoutSeconds = 120;
    const deadline = Date.now() + timeoutSeconds * 1000;
    for (let attempt = 1; ; attempt++) {
      const { exitCode, stderr } = await run('docker', ['exec', this.container, 'timeout', '20', ...this.version.readinessCommand()], { capture: true });
      if (exitCode === 0) {
        return;
      } else if (Date.now() > deadline) {
        throw new Failure(`the engine did not answer within ${timeoutSeconds} s: ${stderr.trim()}`);
      }
      tell(`asked ${attempt} times`);
      await sleep(500, undefined, { signal });
    }
  }

  /** Runs a pipeline next to the engine, a file of this machine as its input where one is given. */
  public async pipeline(pipeline: string, file?: string): Promise<string> {
    const { stdout } = await runOrFail('the pipeline', 'docker',
      ['exec', ...file ? ['--interactive'] : [], this.container, this.version.clientCommand, pipeline],
      { capture: true, input: file ? createReadStream(file) : undefined });
    return stdout;
  }

  /** Imports a gzipped log of Zeek connections. */
  public async importZeekConnections(file: string): Promise<void> {
    await this.pipeline('load_stdin | decompress_gzip | read_zeek_tsv | import', file);
  }

  /** How many Zeek connections the database has. */
  public async countZeekConnections(): Promise<number> {
    const answer = await this.pipeline('export | where @name == "zeek.conn" | summarize n=count() | write_ndjson');
    // An aggregation over nothing has nothing to say in some releases, and says 0 in others.
    return answer.trim() ? (JSON.parse(answer) as { n: number }).n : 0;
  }
}
