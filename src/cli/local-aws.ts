import path from 'node:path';
import { EXIT, Failure, Interrupted, UserError } from './errors';
import { PACKAGE_ROOT } from './package-root';
import { run, RunOptions, RunResult } from './run';

/** A running local AWS, as its control program describes it. */
export interface LocalAws {
  readonly name: string;
  readonly endpoint: string;
  readonly pid: number;
  /** The directory with what it keeps, its secret among it. */
  readonly stateDir: string;
  /** What points any AWS tool at it. */
  readonly env: { readonly [name: string]: string };
}

/** The instance that `--local` means. */
export const DEFAULT_INSTANCE = 'default';

/** The exit code of the control program's `status` for an instance that does not run. */
const NOT_RUNNING = 3;

/** Hands words to the control program of `local-aws/`, which speaks to the user itself; its exit codes are ours. */
export async function controlLocalAws(args: string[], options: RunOptions = {}): Promise<RunResult> {
  // The gateway of ECS Exec is a program for Node.js, which need not be in PATH.
  const env = { ...process.env, ...options.env, CDK_VAST_LOCAL_AWS_NODE: process.execPath };
  // Nothing of the user's Python counts: no other home, no modules of theirs (-I). What an installation loads at the start
  // (-S) takes time, and Python reports Ctrl-C meanwhile with a traceback.
  return run('python3', ['-I', '-S', path.join(PACKAGE_ROOT, 'local-aws', 'local_aws_ctl.py'), ...args], { ...options, env });
}

/** Starts a local AWS, or finds it running; `tell` hears what goes on. */
export async function startLocalAws(name: string, tell: (what: string) => void): Promise<LocalAws> {
  return JSON.parse(await control('the local AWS did not start', ['start', '--name', name, '--json'], tell)) as LocalAws;
}

/** Stops a local AWS and removes whatever it has created. */
export async function stopLocalAws(name: string, tell: (what: string) => void): Promise<void> {
  await control('the local AWS did not stop', ['stop', '--name', name], tell, true);
}

/** The running local AWS of that name; undefined where it does not run. */
export async function findLocalAws(name: string): Promise<LocalAws | undefined> {
  const { exitCode, stdout, stderr } = await controlLocalAws(['status', '--name', name, '--json'], { capture: true });
  if (exitCode !== 0 && exitCode !== NOT_RUNNING) {
    throw failed('the local AWS cannot be asked whether it runs', exitCode, stderr);
  }
  return exitCode === 0 ? JSON.parse(stdout) as LocalAws : undefined;
}

/** Gets the image of an engine: the official one, or where no registry answers one that is built from the PyPI package. */
export async function buildEngineImage(version: string, tell: (what: string) => void): Promise<void> {
  await control('the engine\'s image is not to be had', ['engine-image', version], tell);
}

async function control(failure: string, args: string[], tell: (what: string) => void, shielded = false): Promise<string> {
  const { exitCode, stdout, stderr } = await controlLocalAws(args, { capture: true, onLine: tell, shielded });
  if (exitCode !== 0) {
    throw failed(failure, exitCode, stderr);
  }
  return stdout;
}

function failed(failure: string, exitCode: number, stderr: string): Error {
  return exitCode === EXIT.userError ? new UserError(stderr.trim())
    : exitCode === EXIT.interrupted ? new Interrupted(exitCode)
      : new Failure(`${failure}\n${stderr.trim().split('\n').slice(-20).join('\n')}`);
}
