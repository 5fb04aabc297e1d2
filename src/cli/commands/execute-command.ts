import { constants } from 'node:os';
import { CapturedResult, InteractiveEnd, refuseWithoutTerminal, runInteractive, SessionTimeoutError } from '../../runtime/exec';
import { EXEC_COMMAND, readCommand } from '../../runtime/read-command';
import { Server } from '../../runtime/server';
import { asJson, TIMED_OUT } from '../command-output';
import { EXIT, UserError } from '../errors';
import { operate, Operation, OperationOptions } from '../operation';
import { watchReader } from '../output-reader';
import { readInTime } from '../standard-input';
import { endBefore, written } from '../standard-output';
import { WaitingLine } from '../waiting-line';

/** Options of `vast-cloud execute-command`. */
export interface ExecuteCommandOptions extends OperationOptions {
  readonly cmd?: string;
  readonly env?: Record<string, string>;
  readonly stdin?: boolean;
  readonly shell?: string;
  readonly timeout?: number;
  readonly idleTimeout?: number;
  readonly orphanTimeout?: number;
  readonly task?: string;
  readonly container?: string;
  readonly jsonOutput?: boolean;
}

/** The fate of a command that the user stops waiting for. */
const ENDED = 'the command was ended, with all that it had started';

/** Opens a shell in the server; or runs one command there, and ends as it did. */
export async function executeCommand(options: ExecuteCommandOptions): Promise<number> {
  const { cmd } = options;
  if (cmd === undefined) {
    refuseWithoutCommand(options);
    return operate(options, 'the session was ended', operation => openShell(operation, options));
  }
  if (cmd === '-' && options.stdin) {
    throw new UserError('--cmd - reads the command from standard input, which --stdin would give to the command: use one of them');
  }
  return operate(options, 'nothing was run', operation => runCommand(operation, cmd, options));
}

/** A shell is typed into. */
function refuseWithoutCommand({ env, stdin, jsonOutput, shell, orphanTimeout }: ExecuteCommandOptions): void {
  const options = { '--env': env, '--stdin': stdin, '--json-output': jsonOutput, '--shell': shell, '--orphan-timeout': orphanTimeout };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (given.length > 0) {
    throw new UserError(`${given.map(([name]) => name).join(', ')} without a command: give one with --cmd, or leave it out for a shell to type into`);
  }
  refuseWithoutTerminal();
}

async function openShell({ connection, deployment, signal }: Operation, options: ExecuteCommandOptions): Promise<number> {
  const waiting = new WaitingLine(process.stderr, options.quiet);
  let end: InteractiveEnd;
  try {
    const session = await new Server(connection, deployment).openSession({
      taskId: options.task,
      containerName: options.container,
      sessionTimeoutSeconds: options.timeout,
      idleTimeoutSeconds: options.idleTimeout,
      sessionSignal: signal,
      signal,
      onProgress: waiting.tell,
    });
    waiting.clear();
    end = await runInteractive(session);
  } catch (error) {
    waiting.clear();
    if (error instanceof SessionTimeoutError) {
      process.stderr.write(`vast-cloud: ${error.message}\n`);
      return TIMED_OUT;
    }
    throw error;
  }
  if (end.message && !options.quiet) {
    process.stderr.write(`vast-cloud: the session was ended: ${end.message}\n`);
  }
  return end.signal ? 128 + constants.signals[end.signal] : EXIT.success;
}

async function runCommand({ connection, deployment, signal, goesOn }: Operation, source: string, options: ExecuteCommandOptions): Promise<number> {
  const command = await readInTime(signal, source, options.timeout, async (stdin, either) =>
    readCommand(connection, source, stdin, EXEC_COMMAND, either));
  if (!command) {
    return TIMED_OUT;
  }
  goesOn(ENDED);
  const waiting = new WaitingLine(process.stderr, options.quiet);
  const passOn = (stream: NodeJS.WriteStream) => async (piece: Buffer) => {
    waiting.clear();
    return written(stream, piece);
  };
  const readerGone = new AbortController();
  let running: Promise<CapturedResult>;
  const runIsOver = endBefore(ENDED, async () => {
    readerGone.abort();
    await running.catch(() => undefined);
  });
  running = new Server(connection, deployment).execute(command, {
    env: options.env,
    stdin: options.stdin ? process.stdin : undefined,
    shell: options.shell,
    timeoutSeconds: options.timeout,
    idleTimeoutSeconds: options.idleTimeout,
    orphanTimeoutSeconds: options.orphanTimeout,
    taskId: options.task,
    containerName: options.container,
    signal: AbortSignal.any([signal, readerGone.signal]),
    onProgress: waiting.tell,
    ...!options.jsonOutput && { onStdout: passOn(process.stdout), onStderr: passOn(process.stderr) },
  }).then((result) => {
    runIsOver(`the command had ended with exit code ${result.exitCode}`);
    return result;
  });
  watchReader();
  const run = await running.finally(() => waiting.clear());
  if (options.jsonOutput) {
    process.stdout.write(`${JSON.stringify(asJson(run), undefined, 2)}\n`);
  }
  return concluded(run, options);
}

/** The exit code, and what there is to say besides. */
function concluded({ exitCode, timedOut, wasIdle, leftRunning }: CapturedResult, { quiet, jsonOutput }: ExecuteCommandOptions): number {
  if (leftRunning.length > 0 && !quiet && !jsonOutput) {
    process.stderr.write(`vast-cloud: ${leftRunning.length} that the command has started ${leftRunning.length > 1 ? 'go' : 'goes'} on, and nobody reads what is printed: `
      + `${leftRunning.map(({ pid, command }) => `${command} (${pid})`).join(', ')}\n`);
  }
  if (timedOut) {
    process.stderr.write(`vast-cloud: ${wasIdle ? 'the command was idle for too long, and was stopped' : 'the command timed out, and was stopped'}\n`);
    return TIMED_OUT;
  }
  return exitCode;
}
