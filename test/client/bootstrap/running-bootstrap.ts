import { ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Asked, Answer, RuntimeApiServer } from './runtime-api-server';
import { CommandEvent, CommandResult, FrameDecoder, FrameType, StreamEnd } from '../../../src/client/contract';

const ROOT = join(__dirname, '../../..');

// Nothing here is slow, but the machine may have other things to do.
jest.setTimeout(120_000);

/** What a streamed answer consists of. */
export interface Streamed {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly heartbeats: number;
  readonly end: StreamEnd;
  readonly answer: Answer;
}

/** The program of the client's image as a process on this machine, with a Runtime API of its own. */
export class RunningBootstrap {
  public static async start(environment: NodeJS.ProcessEnv = {}, uid?: number): Promise<RunningBootstrap> {
    const directory = mkdtempSync(join(tmpdir(), 'cdk-vast-bootstrap-'));
    chmodSync(directory, 0o755);
    const [program, launcher, scratch] = ['bootstrap.js', 'launcher.pl', 'scratch'].map(name => join(directory, name));
    execFileSync(join(ROOT, 'node_modules/.bin/esbuild'), [
      join(ROOT, 'src/client/bootstrap/main.ts'), '--bundle', '--platform=node', '--target=node20', '--log-level=error', `--outfile=${program}`,
    ]);
    copyFileSync(join(ROOT, 'docker/client/launcher.pl'), launcher);
    mkdirSync(scratch);
    if (uid !== undefined) {
      chownSync(scratch, uid, uid);
    }
    const api = new RuntimeApiServer();
    const process_ = spawn('perl', ['-w', launcher, process.execPath, program], {
      env: {
        PATH: process.env.PATH,
        AWS_LAMBDA_RUNTIME_API: await api.listen(),
        CDK_VAST_SCRATCH_DIRECTORY: scratch,
        TMPDIR: scratch,
        FROM_FUNCTION: 'yes',
        ...environment,
      },
      stdio: ['ignore', 'inherit', 'pipe'],
      ...uid === undefined ? {} : { uid, gid: uid },
    });
    return new RunningBootstrap(api, process_, directory, scratch);
  }

  public readonly exited: Promise<unknown>;
  public complaints = '';

  private constructor(
    public readonly api: RuntimeApiServer, public readonly process: ChildProcess, private readonly directory: string, public readonly scratch: string,
  ) {
    this.exited = once(process, 'exit');
    process.stderr!.setEncoding('utf8').on('data', (text: string) => this.complaints += text);
  }

  public get pid(): number {
    return this.process.pid!;
  }

  /** A buffered call that has to have a result. */
  public async run(event: CommandEvent | string, asked: Asked = {}): Promise<CommandResult> {
    const answer = await this.invoke(event, asked);
    expect({ kind: answer.kind, error: answer.kind === 'response' ? '' : answer.body.toString() }).toEqual({ kind: 'response', error: '' });
    return JSON.parse(answer.body.toString()) as CommandResult;
  }

  /** A call that has to fail. */
  public async fail(event: unknown, asked: Asked = {}): Promise<{ errorType: string; errorMessage: string; result?: CommandResult }> {
    const answer = await this.api.invoke(event, asked);
    expect(answer.kind).toBe('error');
    return JSON.parse(answer.body.toString()) as { errorType: string; errorMessage: string };
  }

  /** A streamed call. */
  public async stream(event: CommandEvent | string, asked: Asked = {}): Promise<Streamed> {
    const decoder = new FrameDecoder();
    const pieces: { [type in FrameType]: Buffer[] } = {
      [FrameType.STDOUT]: [],
      [FrameType.STDERR]: [],
      [FrameType.HEARTBEAT]: [],
      [FrameType.END]: [],
    };
    const answer = await this.invoke({ ...typeof event === 'string' ? { cmd: event, cmdEncoding: 'utf8' } : event, stream: true }, {
      ...asked,
      consumer: piece => decoder.push(piece).forEach(part => pieces[part.type].push('data' in part ? part.data : Buffer.alloc(0))),
    });
    const [stdout, stderr] = [FrameType.STDOUT, FrameType.STDERR].map(type => Buffer.concat(pieces[type]));
    return { stdout, stderr, heartbeats: pieces[FrameType.HEARTBEAT].length, end: decoder.finish(), answer };
  }

  public async invoke(event: CommandEvent | string, asked: Asked = {}): Promise<Answer> {
    return this.api.invoke(typeof event === 'string' ? { cmd: event, cmdEncoding: 'utf8' } : event, asked);
  }

  /** The most memory that the program itself has had, in bytes. */
  public peakMemory(): number {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))![1]) * 1024;
  }

  public async stop(): Promise<void> {
    this.process.kill('SIGKILL');
    if (this.process.exitCode === null && this.process.signalCode === null) {
      await this.exited;
    }
    this.api.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
