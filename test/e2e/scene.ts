import path from 'node:path';
import { EngineShell } from './engine-shell';
import { enterLocalAws } from '../../src/cli/aws-target';
import { cdk } from '../../src/cli/cdk';
import { buildEngineImage, LocalAws, startLocalAws, stopLocalAws } from '../../src/cli/local-aws';
import { run } from '../../src/cli/run';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { VastVersion } from '../../src/engine';
import { AwsConnection } from '../../src/runtime/aws-connection';
import { findDeployments } from '../../src/runtime/discovery';
import { Server } from '../../src/runtime/server';

export const ROOT = path.resolve(__dirname, '..', '..');
export const ZEEK = { file: path.join(ROOT, 'examples', 'data', 'zeek-conn.log.gz'), events: 8462 };
export const ENGINE = VastVersion.V6_20_0;
const APP = path.join(__dirname, 'app.cjs');

/** A local AWS of this test file's own, with a bootstrapped CDK and the engine's image at hand. */
export class Scene {
  public static async open(name: string, settings: NodeJS.ProcessEnv = {}): Promise<Scene> {
    const instance = `e2e-${name}-${process.pid}`;
    Object.assign(process.env, settings);
    const local = await startLocalAws(instance, () => undefined);
    const scene = new Scene(instance, local, enterLocalAws(local));
    await buildEngineImage(ENGINE.name, () => undefined);
    await scene.cdk(['bootstrap'], { stack: 'Unused' });
    return scene;
  }

  /** The calls to this local AWS; another scene of the same file has another. */
  public readonly connection = new AwsConnection();

  private constructor(public readonly instance: string, public readonly local: LocalAws, public readonly env: NodeJS.ProcessEnv) {}

  /** Runs the CDK CLI on the tests' app, and says what it printed where it failed. */
  public async cdk(args: string[], context: Record<string, string>) {
    const { exitCode, stdout, stderr } = await this.tryCdk(args, context);
    if (exitCode !== 0) {
      throw new Error(`cdk ${args.join(' ')} ended with ${exitCode}\n${stdout}\n${stderr}`);
    }
  }

  public async tryCdk(args: string[], context: Record<string, string>) {
    return cdk({ file: APP, context }, args, { env: this.env, capture: true });
  }

  public async deploy(context: Record<string, string> & { stack: string }): Promise<DeploymentOutput> {
    await this.cdk(['deploy', '--require-approval', 'never', context.stack], context);
    return (await findDeployments(this.connection, context.stack))[0];
  }

  public async destroy(stack: string) {
    await this.cdk(['destroy', '--force', stack], { stack });
  }

  /** The engine's shell once the server is healthy and the engine answers. */
  public async engine(deployment: DeploymentOutput): Promise<EngineShell> {
    const { task } = await new Server(this.connection, deployment).start({ timeoutSeconds: 180 });
    const shell = await EngineShell.ofTask(task.taskArn, ENGINE);
    await shell.waitUntilReady(() => undefined);
    return shell;
  }

  /** Everything that Docker has of this local AWS. */
  public async leftovers(): Promise<string[]> {
    const filter = ['--filter', `label=cdk-vast.local-aws=${this.instance}`];
    const lists = await Promise.all([
      ['ps', '--all', '--format', 'container {{.Names}}'],
      ['volume', 'ls', '--format', 'volume {{.Name}}'],
      ['network', 'ls', '--format', 'network {{.Name}}'],
    ].map(async args => (await docker(...args, ...filter)).split('\n').filter(Boolean)));
    return lists.flat();
  }

  public async close() {
    this.connection.close();
    await stopLocalAws(this.instance, () => undefined);
    expect(await this.leftovers()).toEqual([]);
  }
}

/** What Docker says; an error where it fails. */
export async function docker(...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run('docker', args, { capture: true });
  if (exitCode !== 0) {
    throw new Error(`docker ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
  }
  return stdout.trim();
}

/** Waits until something holds, at most so long. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, seconds = 120): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) {
      return seen;
    } else if (Date.now() > deadline) {
      throw new Error(`not within ${seconds} s: ${what}`);
    }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}
