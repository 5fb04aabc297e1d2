import { ChildProcess, spawn, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { WebSocketServer } from 'ws';
import { LocalTerminal } from './local-terminal';
import { WebsocketTransport } from '../../../local-aws/exec-gateway/server/websocket-transport';
import { DataChannels } from '../../../local-aws/exec-gateway/service/data-channels';
import { SYSTEM_CLOCK } from '../../../src/runtime/exec/session';
import { FakeAws, FakeService } from '../../runtime/fake-aws';
import { FakeEcs } from '../../runtime/server/fake-ecs';
import { DEPLOYMENT } from '../../runtime/server/fake-server';

export const PROGRAM = path.resolve(__dirname, '..', '..', '..', 'bin', 'vast-cloud.js');

const OUTPUT = JSON.stringify({ ...DEPLOYMENT, workBucketName: 'work' }).replaceAll('"', '&quot;');

/** How `vast-cloud` has ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A deployment as `vast-cloud` sees it from a process of its own: AWS is a fake on loopback, and a command that is executed
 * runs on this machine, below the agent of the local AWS.
 */
export class ExecWorld {
  public static async open(more: FakeService = {}): Promise<ExecWorld> {
    const world = new ExecWorld();
    const ecs = new FakeEcs();
    ecs.addRunning();
    world.server.listen(0, '127.0.0.1');
    await once(world.server, 'listening');
    world.aws = await FakeAws.open({
      ...ecs.actions,
      DescribeStacks: () => '<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackName>S</StackName><Outputs><member>'
        + `<OutputKey>Vast</OutputKey><OutputValue>${OUTPUT}</OutputValue></member></Outputs></member></Stacks>`
        + '</DescribeStacksResult></DescribeStacksResponse>',
      ExecuteCommand: ({ command }) => ({ session: world.begin(command as string) }),
      ResumeSession: ({ SessionId }) => ({
        SessionId, StreamUrl: world.url(SessionId as string), TokenValue: world.channels.resume(SessionId as string),
      }),
      ...more,
    });
    return world;
  }

  public aws!: FakeAws;
  public readonly channels = new DataChannels();
  /** What each session's end was, in order, once it is over. */
  public readonly sessions: Promise<string>[] = [];

  private readonly directory = mkdtempSync(path.join(tmpdir(), 'exec-world-'));
  private readonly groups: number[] = [];
  private readonly websockets = new WebSocketServer({ noServer: true });
  private readonly server = http.createServer().on('upgrade', (request, socket, head) => {
    this.websockets.handleUpgrade(request, socket, head, (websocket) => {
      const transport = new WebsocketTransport(websocket, socket);
      transport.listen(this.channels.accept(request.url!.slice(1), transport));
    });
  });

  /** What a process of `vast-cloud` has as its environment. */
  public get env(): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.directory,
      AWS_ENDPOINT_URL: this.aws.endpoint,
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      VAST_AWS_REGION: 'eu-west-1',
      VAST_STACK_NAME: 'S',
    };
  }

  /** Starts it, with nothing to read unless something else is said. */
  public start(args: string[], stdio: StdioOptions = ['ignore', 'pipe', 'pipe']): ChildProcess {
    return this.spawn(process.execPath, [PROGRAM, ...args], stdio);
  }

  /** Starts a line of bash, in which `$V` is the program. */
  public startLine(line: string, stdio: StdioOptions = ['ignore', 'pipe', 'pipe']): ChildProcess {
    return this.spawn('bash', ['-c', line], stdio);
  }

  public async run(...args: string[]): Promise<Ended> {
    return ended(this.start(args));
  }

  public async line(line: string): Promise<Ended> {
    return ended(this.startLine(line));
  }

  /** The temporary files of the commands. */
  public leftFiles(): string[] {
    return readdirSync(this.directory).filter(name => name.startsWith('cdk-vast-'));
  }

  public async close(): Promise<void> {
    this.groups.forEach(killGroup);
    await this.channels.close();
    this.websockets.clients.forEach(websocket => websocket.terminate());
    this.server.close();
    await this.aws.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private spawn(command: string, args: string[], stdio: StdioOptions): ChildProcess {
    const child = spawn(command, args, { cwd: this.directory, env: { ...this.env, V: `${process.execPath} ${PROGRAM}` }, stdio, detached: true });
    this.groups.push(child.pid!);
    return child;
  }

  private begin(command: string) {
    const sessionId = `ecs-execute-command-${this.sessions.length + 1}`;
    const [, program, option, script] = /^(\S+) (-c) '([^']*)'$/.exec(command)!;
    const terminal = new LocalTerminal([program, option, script], { PATH: process.env.PATH, HOME: '/', TMPDIR: this.directory });
    const { agent, token } = this.channels.open({ sessionId, terminal, clock: SYSTEM_CLOCK });
    this.sessions.push(agent.closed);
    return { sessionId, streamUrl: this.url(sessionId), tokenValue: token };
  }

  private url(sessionId: string): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}/${sessionId}`;
  }
}

/** Waits for the end of a process, and gives what it has printed. */
export async function ended(child: ChildProcess): Promise<Ended> {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    child.stdout ? buffer(child.stdout) : '', child.stderr ? buffer(child.stderr) : '', once(child, 'close') as Promise<[number | null]>,
  ]);
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** What a line of the shell has started, too, where a test has failed. */
function killGroup(group: number): void {
  try {
    process.kill(-group, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
