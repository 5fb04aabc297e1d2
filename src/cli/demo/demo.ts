import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { DeploymentOutput } from '../../discovery/deployment-output';
import { VastVersion } from '../../engine';
import { AwsConnection } from '../../runtime/aws-connection';
import { findDeployments } from '../../runtime/discovery';
import { Server } from '../../runtime/server';
import { enterLocalAws } from '../aws-target';
import { cdk, CdkApp, temporaryDirectory } from '../cdk';
import { EXIT, Failure } from '../errors';
import { buildEngineImage, startLocalAws, stopLocalAws } from '../local-aws';
import { compiled, PACKAGE_ROOT } from '../package-root';
import { Progress } from '../progress';
import { EngineClient } from './engine-client';
import { summary } from './summary';

/** The current generation: the one that can be had without a container registry, too. */
const VERSION = VastVersion.V6_20_0;

/** Zeek's connection log of one day; source and licence are beside it. */
const DATA = { file: path.join(PACKAGE_ROOT, 'examples', 'data', 'zeek-conn.log.gz'), events: 8462 };

const STACK = 'VastQuickstart';
const PEER: CdkApp = { file: compiled('cli/demo/peer-app.js') };

/**
 * The whole life of a deployment on a local AWS of its own, which is gone afterwards.
 *
 * @returns the exit code
 */
export async function demo(): Promise<number> {
  if (!existsSync(DATA.file)) {
    throw new Failure(`the demo's data is missing: ${DATA.file}`);
  }
  const interruption = new AbortController();
  const interrupt = () => interruption.abort(new Failure('interrupted'));
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const progress = new Progress();
  const instance = `demo-${process.pid}`;
  process.stderr.write('A VAST deployment from nothing to nothing, on a local AWS:\n');
  let deployment: DeploymentOutput | undefined;
  try {
    const local = await progress.step('start the local AWS', tell => startLocalAws(instance, tell));
    const env = enterLocalAws(local);
    deployment = await live(progress, env, interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) {
      throw error;
    }
  } finally {
    // Not to be interrupted: it is what cleans up.
    await progress.step('stop the local AWS, leaving nothing behind', tell => stopLocalAws(instance, tell));
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  if (!deployment) {
    process.stderr.write('interrupted; everything is cleaned up\n');
    return EXIT.interrupted;
  }
  process.stderr.write(summary(deployment, progress.done));
  return EXIT.success;
}

async function live(progress: Progress, env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<DeploymentOutput> {
  const step: Progress['step'] = (title, work) => {
    signal.throwIfAborted();
    return progress.step(title, work);
  };
  await step(`get the engine, ${VERSION.name}`, tell => buildEngineImage(VERSION.name, tell));
  await step('bootstrap the CDK', tell => cdkOrFail(PEER, ['bootstrap'], env, tell));
  const peeredVpcId = await step('create a VPC to peer with', tell => createPeer(env, tell));

  const quickstart: CdkApp = {
    file: compiled('examples/quickstart.js'),
    context: { peeredVpcId, version: VERSION.name, removeData: 'true' },
  };
  await step('deploy examples/typescript/quickstart', tell =>
    cdkOrFail(quickstart, ['deploy', '--require-approval', 'never', '--progress', 'events', STACK], env, tell));
  const connection = new AwsConnection();
  const [deployment] = await findDeployments(connection, STACK);

  const server = new Server(connection, deployment);
  await step('wait for the engine to answer its Lambda client', tell => server.start({ signal, onProgress: tell }));
  const engine = new EngineClient(connection, deployment, VERSION);
  await step(`ingest ${DATA.events} Zeek connections through it`, () => engine.importZeekConnections(DATA.file));
  await step('count them through it', () => expectCount(engine));
  await step('restart the server', tell => server.restart({ signal, onProgress: tell }));
  await step('count them again', () => expectCount(engine));

  await step('destroy the deployment', async (tell) => {
    await server.stop({ onProgress: tell });
    await cdkOrFail(quickstart, ['destroy', '--force', '--progress', 'events', STACK], env, tell);
  });
  await step('destroy the peered VPC', tell => cdkOrFail(PEER, ['destroy', '--force', '--all'], env, tell));
  return deployment;
}

async function createPeer(env: NodeJS.ProcessEnv, tell: (what: string) => void): Promise<string> {
  const directory = temporaryDirectory();
  try {
    const outputs = path.join(directory, 'outputs.json');
    await cdkOrFail(PEER, ['deploy', '--require-approval', 'never', '--progress', 'events', '--outputs-file', outputs], env, tell);
    return (JSON.parse(readFileSync(outputs, 'utf8')) as { DemoPeer: { VpcId: string } }).DemoPeer.VpcId;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function cdkOrFail(app: CdkApp, args: string[], env: NodeJS.ProcessEnv, tell: (what: string) => void) {
  const { exitCode, stderr, stdout } = await cdk(app, args, { env, capture: true, onLine: tell });
  if (exitCode !== 0) {
    throw new Failure(`cdk ${args[0]} ended with ${exitCode}\n${`${stdout}\n${stderr}`.trim().split('\n').slice(-30).join('\n')}`);
  }
}

async function expectCount(engine: EngineClient) {
  const count = await engine.countZeekConnections();
  if (count !== DATA.events) {
    throw new Failure(`the engine has ${count} Zeek connections instead of ${DATA.events}`);
  }
}
