import { EngineShell } from './engine-shell';
import { docker, ENGINE, eventually, Scene, ZEEK } from './scene';
import { run } from '../../src/cli/run';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { Server } from '../../src/runtime/server';

/** Longer than a deployment needs to start the successor, so that the two containers do meet. */
const LINGER_SECONDS = 25;

describe('a server on EFS', () => {
  let scene: Scene;
  let deployment: DeploymentOutput;
  let engine: EngineShell;

  beforeAll(async () => {
    scene = await Scene.open('efs');
    deployment = await scene.deploy({ stack: 'Efs' });
    engine = await scene.engine(deployment);
    await engine.importZeekConnections(ZEEK.file);
  });
  afterAll(() => scene?.close());

  test('answers what was ingested', async () => {
    expect(await engine.countZeekConnections()).toBe(ZEEK.events);
    expect(await engine.pipeline('export | where @name == "zeek.conn" and proto == "tcp" | summarize n=count() | write_ndjson'))
      .toContain('{"n":3135}');
  });

  test('is what the template says: init process, user, limits, no port on the host', async () => {
    const [container] = JSON.parse(await docker('inspect', engine.container)) as [DockerContainer];
    expect(container.HostConfig.Init).toBe(true);
    expect(container.HostConfig.PortBindings ?? {}).toEqual({});
    expect(container.HostConfig.Memory).toBe(4096 * 2 ** 20);
    expect(await docker('exec', engine.container, 'id', '-u')).toBe('999');
  });

  test('is found under its Cloud Map name by what runs in the VPC', async () => {
    const [container] = JSON.parse(await docker('inspect', engine.container)) as [DockerContainer];
    const [network] = Object.keys(container.NetworkSettings.Networks);
    const answer = await docker('run', '--rm', '--network', network, container.Config.Image,
      `--endpoint=${deployment.serverHostname}:${deployment.serverPort}`,
      'export | where @name == "zeek.conn" | summarize n=count() | write_ndjson');
    expect(answer).toContain(`{"n":${ZEEK.events}}`);
  });

  test('reads its configuration file', async () => {
    expect(await docker('exec', engine.container, 'cat', '/tmp/cdk-vast-engine.yaml')).toBe('{"tenzir":{"shutdown-grace-period":"1min","console-verbosity":"info"}}');
    expect(await processes(engine.container)).toContainEqual(expect.stringContaining('--config=/tmp/cdk-vast-engine.yaml'));
  });

  test('stops the engine gracefully: it writes everything out and ends by itself', async () => {
    const server = new Server(scene.connection, deployment);
    await server.stop();
    const [{ lastStatus, stop }] = await server.tasks();
    expect(lastStatus).toBe('STOPPED');
    expect(stop!.exitCode).not.toBe(137);
  });

  test('a deployment leaves a stopped server stopped', async () => {
    await scene.deploy({ stack: 'Efs', greeting: 'while stopped' });
    expect(await containers(deployment)).toEqual([]);
    await new Server(scene.connection, deployment).start();
    engine = await scene.engine(deployment);
    expect(await docker('exec', engine.container, 'printenv', 'GREETING')).toBe('while stopped');
    expect(await engine.countZeekConnections()).toBe(ZEEK.events);
  });

  test('comes back with all data after SIGKILL', async () => {
    expect(await engineProcesses(engine.container)).toHaveLength(1);
    await docker('kill', '--signal', 'KILL', engine.container);
    const before = engine.container;
    engine = await eventually('another container', async () => {
      const [container] = (await containers(deployment)).filter(id => !before.startsWith(id));
      return container ? scene.engine(deployment) : undefined;
    });
    expect(await engine.countZeekConnections()).toBe(ZEEK.events);
  });

  test('with autoStart off, a deployment that changes the server stops it', async () => {
    await scene.deploy({ stack: 'Efs', greeting: 'off', autoStart: 'false' });
    await eventually('no container', async () => (await containers(deployment)).length === 0 || undefined);
  });

  test('destroy leaves nothing', async () => {
    await scene.destroy('Efs');
    expect((await scene.leftovers()).filter(name => !/registry|ecr/.test(name))).toEqual([]);
  });
});

describe('a redeployment while the old container lingers in stopping', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open('linger', { CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS: String(LINGER_SECONDS) });
  });
  afterAll(async () => {
    delete process.env.CDK_VAST_LOCAL_AWS_STOP_LINGER_SECONDS;
    await scene?.close();
  });

  test('never has two engines at work, and the successor takes over', async () => {
    const deployment = await scene.deploy({ stack: 'Linger' });
    const first = await scene.engine(deployment);
    await first.importZeekConnections(ZEEK.file);

    const seen = { containers: 0, engines: 0 };
    let done = false;
    const watch = (async () => {
      while (!done) {
        const ids = await containers(deployment);
        const engines = (await Promise.all(ids.map(engineProcesses))).flat();
        seen.containers = Math.max(seen.containers, ids.length);
        seen.engines = Math.max(seen.engines, engines.length);
      }
    })();
    await scene.deploy({ stack: 'Linger', greeting: 'changed' });
    done = true;
    await watch;

    // Without the first figure the second would prove nothing.
    expect(seen).toEqual({ containers: 2, engines: 1 });
    const second = await scene.engine(deployment);
    expect(await docker('exec', second.container, 'printenv', 'GREETING')).toBe('changed');
    expect((await run('docker', ['logs', second.container], { capture: true })).stderr)
      .toContain(`another engine holds ${ENGINE.stateDirectory}: waiting until it has ended`);
    expect(await second.countZeekConnections()).toBe(ZEEK.events);
  });
});

describe('a server on its own disk', () => {
  let scene: Scene;
  beforeAll(async () => { scene = await Scene.open('attached'); });
  afterAll(() => scene?.close());

  test('comes back empty', async () => {
    const deployment = await scene.deploy({ stack: 'Attached', storage: 'attached' });
    const first = await scene.engine(deployment);
    await first.importZeekConnections(ZEEK.file);
    expect(await first.countZeekConnections()).toBe(ZEEK.events);
    await new Server(scene.connection, deployment).stop();
    await new Server(scene.connection, deployment).start();
    expect(await (await scene.engine(deployment)).countZeekConnections()).toBe(0);
  });

  test('ends by itself, although it has a pipeline that never does', async () => {
    const deployment = await scene.deploy({ stack: 'Attached', storage: 'attached', pipeline: 'from_file "/tmp/*.json", watch=1s { read_ndjson } | import' });
    const server = new Server(scene.connection, deployment);
    await scene.engine(deployment);
    await server.stop();
    // The local AWS kills it after 120 s, as Fargate does, and that would be 137.
    expect((await server.tasks())[0].stop).toMatchObject({ exitCode: 0 });
  });

  test('a release that cannot be had fails the deployment with the reason, and leaves no file system', async () => {
    const { exitCode, stdout, stderr } = await scene.tryCdk(['deploy', '--require-approval', 'never', 'Bad'],
      { stack: 'Bad', keep: 'true', image: 'localhost:1/no/such-image:v0' });
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain('CannotPullContainerError');
    expect((await scene.leftovers()).filter(name => name.startsWith('volume'))).toEqual([]);
  });
});

interface DockerContainer {
  readonly Config: { readonly Image: string };
  readonly HostConfig: { readonly Init?: boolean; readonly PortBindings?: object; readonly Memory: number };
  readonly NetworkSettings: { readonly Networks: Record<string, object> };
}

/** The running containers of the server, by id. */
async function containers(deployment: DeploymentOutput): Promise<string[]> {
  const ids = await docker('ps', '--quiet', '--filter', `label=cdk-vast.service=${deployment.serviceName}`);
  return ids.split('\n').filter(Boolean);
}

/** The command lines of a container's processes; none where it has just ended. */
async function processes(container: string): Promise<string[]> {
  const { stdout } = await run('docker', ['top', container, '-eo', 'pid,args'], { capture: true });
  return stdout.split('\n').slice(1).map(line => line.trim().replace(/^\d+\s+/, '')).filter(Boolean);
}

/** Those that are the engine itself: a launcher that waits has the engine's words as arguments, and is Perl. */
async function engineProcesses(container: string): Promise<string[]> {
  return (await processes(container)).filter(line => /^\S*tenzir(-node|-engine)?\s/.test(line));
}

