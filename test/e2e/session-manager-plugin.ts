import { ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { eventually } from './scene';

const MODULE = path.join(__dirname, 'session-manager-plugin');

/** AWS's own client of sessions, built from its Go module at the version of `session-manager-plugin/go.mod`. */
export interface Plugin {
  readonly program: string;

  /** What the plugin's own parser sees in frames that are given as hexadecimal digits. */
  parse(frames: string[]): Array<{ [field: string]: unknown }>;

  remove(): void;
}

/** The plugin; where it cannot be built, why. */
export function buildPlugin(): Plugin | string {
  if (spawnSync('go', ['version']).status !== 0) {
    return 'Go is not installed; the session manager plugin is built with it';
  }
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-session-manager-plugin-'));
  const build = (name: string, main: string) => spawnSync('go', ['build', '-buildvcs=false', '-o', path.join(directory, name), main], {
    // A Go that is too old says so itself; it is not to fetch another one.
    cwd: MODULE, encoding: 'utf8', env: { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local' },
  });
  for (const [name, main] of [['plugin', 'github.com/aws/session-manager-plugin/src/sessionmanagerplugin-main'], ['frames', './frames']]) {
    const { status, stderr } = build(name, main);
    if (status !== 0) {
      rmSync(directory, { recursive: true, force: true });
      return `the session manager plugin cannot be built: ${stderr.trim().split('\n').at(-1)}`;
    }
  }
  return {
    program: path.join(directory, 'plugin'),
    parse: frames => {
      const { status, stdout, stderr } = spawnSync(path.join(directory, 'frames'), { input: frames.join('\n'), encoding: 'utf8', maxBuffer: 2 ** 28 });
      if (status !== 0) throw new Error(stderr);
      return stdout.trim().split('\n').map(line => JSON.parse(line) as { [field: string]: unknown });
    },
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** A program under a pseudo-terminal, as a user has it. */
export class PseudoTerminal {
  public readonly ended: Promise<number>;

  private readonly child: ChildProcess;
  private readonly chunks: Buffer[] = [];

  public constructor(size: string, command: string[], env: NodeJS.ProcessEnv = process.env) {
    this.child = spawn('python3', [path.join(__dirname, 'pseudo-terminal.py'), size, ...command], { env, stdio: ['pipe', 'pipe', 'inherit', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    this.ended = new Promise(resolve => this.child.on('close', code => resolve(code ?? -1)));
  }

  /** All that it has shown. */
  public get shown(): Buffer {
    return Buffer.concat(this.chunks);
  }

  public type(text: string): void {
    this.child.stdin?.write(text);
  }

  public resize(size: string): void {
    (this.child.stdio[3] as Writable).write(`${size}\n`);
  }

  public async waitFor(text: string, seconds = 30): Promise<void> {
    await eventually(`${JSON.stringify(text)} is shown`, async () => this.shown.includes(text) || undefined, seconds).catch((error: Error) => {
      throw new Error(`${error.message}; it shows ${JSON.stringify(this.shown.subarray(-2000).toString())}`);
    });
  }

  public kill(): void {
    this.child.kill();
  }
}
