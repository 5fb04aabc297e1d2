import { ChildProcess, spawn, SpawnOptions } from 'node:child_process';
import { EXIT, Failure, Interrupted, UserError } from './errors';

/** A program that ran, with what it printed where that was captured. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a program is run. */
export interface RunOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Keep what it prints instead of passing it on. */
  readonly capture?: boolean;
  /** What it reads; nothing by default, or the terminal where nothing is captured. */
  readonly input?: NodeJS.ReadableStream;
  /** Out of reach of the terminal's Ctrl-C, for what cleans up. */
  readonly shielded?: boolean;
  /** Is told every line that it prints while it is captured. */
  readonly onLine?: (line: string) => void;
}

/**
 * Runs a program to its end. A signal counts as 128 and its number, as in a shell.
 *
 * @throws Interrupted where what it prints is captured and Ctrl-C was pressed: the answer of a program that was
 * interrupted is none
 */
export async function run(command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const stdin = options.input ? 'pipe' : options.capture ? 'ignore' : 'inherit';
  const output = options.capture ? 'pipe' : 'inherit';
  const spawnOptions: SpawnOptions = {
    env: options.env ?? process.env,
    cwd: options.cwd,
    stdio: [stdin, output, output],
    detached: options.shielded,
  };
  const child = spawn(command, args, spawnOptions);
  let interrupted = false;
  // The child decides when it is done, and we wait for that.
  const passOn = (signal: NodeJS.Signals) => {
    interrupted ||= signal === 'SIGINT';
    // Ctrl-C at a terminal reaches the child by itself; what was sent to this process alone does not.
    if (!options.shielded && !(signal === 'SIGINT' && process.stdin.isTTY)) {
      child.kill(signal);
    }
  };
  // The other signals end this process, unless somebody handles them.
  const signals = ['SIGINT', ...['SIGTERM', 'SIGHUP'].filter(signal => process.listenerCount(signal) > 0)];
  signals.forEach(signal => process.on(signal, passOn));
  try {
    if (options.input && child.stdin) {
      options.input.pipe(child.stdin);
      // A child that has read enough closes its end, which is no failure of ours.
      child.stdin.on('error', () => undefined);
    }
    const [stdout, stderr] = [collect(child, 'stdout', options.onLine), collect(child, 'stderr', options.onLine)];
    const exitCode = await ended(child, command);
    if (options.capture && !options.shielded && interrupted) {
      throw new Interrupted(EXIT.interrupted);
    }
    return { exitCode, stdout: stdout(), stderr: stderr() };
  } finally {
    signals.forEach(signal => process.off(signal, passOn));
  }
}

/** As `run`, but anything other than exit code 0 is a failure; `what` says what was being done. */
export async function runOrFail(what: string, command: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  const result = await run(command, args, options);
  if (result.exitCode !== 0) {
    const said = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-20).join('\n');
    throw new Failure(`${what} failed: ${command} ended with ${result.exitCode}${said ? `\n${said}` : ''}`);
  }
  return result;
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr', onLine?: (line: string) => void): () => string {
  const chunks: Buffer[] = [];
  let rest = '';
  child[name]?.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    const lines = (rest + chunk.toString()).split(/\r?\n|\r/);
    rest = lines.pop()!;
    lines.filter(line => line.trim()).forEach(line => onLine?.(line));
  });
  return () => Buffer.concat(chunks).toString();
}

function ended(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(error.code === 'ENOENT'
      ? new UserError(`the program '${command}' is not installed, or not on the PATH`)
      : error));
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? SIGNALS[signal] ?? 0 : 0)));
  });
}

/** Those that people and machines end programs with. */
const SIGNALS: { readonly [name: string]: number } = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGTERM: 15 };
