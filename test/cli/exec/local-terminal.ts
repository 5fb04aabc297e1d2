import { ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import path from 'node:path';
import type { Terminal } from '../../../local-aws/exec-gateway/agent/terminal';

const HOST = path.resolve(__dirname, '..', '..', 'runtime', 'exec', 'captured', 'pty-host.py');

/** A pseudo-terminal of this machine with a program, for the agent of the local AWS. */
export class LocalTerminal implements Terminal {
  public readonly lost = false;

  private host!: ChildProcessWithoutNullStreams;
  private isOver = false;
  private chunk: Buffer = Buffer.alloc(0);
  private drained?: () => void;

  public constructor(private readonly words: readonly string[], private readonly env: NodeJS.ProcessEnv) {}

  public get ended(): boolean {
    return this.isOver && this.chunk.length === 0;
  }

  public async start(readable: () => void): Promise<void> {
    this.host = spawn('python3', [HOST, ...this.words], { env: this.env });
    this.host.stdin.on('error', () => undefined).on('drain', () => this.drained?.());
    this.host.stdout.on('readable', readable);
    this.host.on('close', () => {
      this.isOver = true;
      readable();
    });
  }

  public read(maximum: number): Buffer | undefined {
    if (this.chunk.length === 0) {
      const chunk = this.host.stdout.read() as Buffer | null;
      if (!chunk) {
        return undefined;
      }
      this.chunk = chunk;
    }
    const part = this.chunk.subarray(0, maximum);
    this.chunk = this.chunk.subarray(part.length);
    return part;
  }

  public write(data: Buffer): boolean {
    return this.isOver || this.host.stdin.write(data);
  }

  public onDrain(listener: () => void): void {
    this.drained = listener;
  }

  public async resize(): Promise<void> {
    // Nobody looks.
  }

  public hangUp(): void {
    if (!this.isOver) {
      this.host.kill('SIGUSR1');
      this.host.stdin.end();
    }
  }
}
