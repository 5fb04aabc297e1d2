import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cdkEnvironment, s3Addressing } from './cdk-environment';
import { Failure, UserError } from './errors';
import { compiled, PACKAGE_ROOT } from './package-root';
import { run, RunOptions, RunResult } from './run';

/** An app for the CDK CLI: a JavaScript file. */
export interface CdkApp {
  /** Absolute path of the file. */
  readonly file: string;
  readonly context?: { readonly [name: string]: string };
}

/**
 * What makes Node.js synthesize sooner; bench/synth has how much.
 *
 * The CDK validates each template in WebAssembly. V8 would optimize that, and mark its memory again and again, on threads
 * beside it, for longer than it takes.
 */
export const SYNTHESIS_OPTIONS = ['--liftoff-only', '--no-concurrent-marking'];

/**
 * Runs the CDK CLI on an app, in a directory that is gone afterwards: what it looks up is looked up anew each time.
 *
 * Neither its variables nor its files in the user's home take part, except for how Docker builds.
 *
 * @param app none for commands that need none; given one, the CLI would synthesize it even so
 */
export async function cdk(app: CdkApp | undefined, args: string[], options: RunOptions): Promise<RunResult> {
  const env = options.env ?? process.env;
  const directory = temporaryDirectory();
  try {
    writeFileSync(path.join(directory, 'cdk.json'), JSON.stringify({
      app: app && [process.execPath, ...synthesisOptions(), app.file].map(quote).join(' '),
      context: app?.context,
      output: path.join(directory, 'cdk.out'),
      notices: false,
      versionReporting: false,
    }));
    return await run(process.execPath, [compiled('cli/cdk-cli.js'), cdkProgram(), ...args], {
      ...options,
      cwd: directory,
      env: {
        ...cdkEnvironment(env),
        ...await s3Addressing(env),
        // The accounts and notices that the CLI has kept from earlier runs are for others.
        CDK_HOME: directory,
        CDK_DISABLE_CLI_TELEMETRY: 'true',
        // Neither the age of the Node.js line nor a newer CDK CLI is anything that the user of a command can act upon.
        CDK_DISABLE_VERSION_CHECK: 'true',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: 'true',
      },
    });
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** As `cdk`, but anything other than exit code 0 is a failure; `what` says what was being done. */
export async function cdkOrFail(what: string, app: CdkApp | undefined, args: string[], options: RunOptions): Promise<void> {
  const { exitCode, stderr } = await cdk(app, args, options);
  if (exitCode !== 0) {
    throw new Failure(`${what} failed: the CDK CLI ended with ${exitCode}${options.capture ? `\n${stderr.trim()}` : ''}`);
  }
}

/** The CDK CLI of this package's surroundings, or of the project that has this package installed. */
export function cdkProgram(): string {
  for (const from of [path.join(PACKAGE_ROOT, 'package.json'), path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve('aws-cdk/bin/cdk');
    } catch {
      // The next place.
    }
  }
  throw new UserError('the CDK CLI is not installed: npm install aws-cdk@2');
}

/** A Node.js that does not know the options any more does without them. */
function synthesisOptions(): string[] {
  const known = spawnSync(process.execPath, [...SYNTHESIS_OPTIONS, '--version'], { stdio: 'ignore' }).status === 0;
  return known ? SYNTHESIS_OPTIONS : [];
}

/** The CDK CLI hands the app's command line to a shell. */
function quote(text: string): string {
  return `"${text.replace(/(["$`\\])/g, '\\$1')}"`;
}

/**
 * Creates a directory of its own for temporary files.
 *
 * @throws UserError where that is not possible
 */
export function temporaryDirectory(): string {
  try {
    return mkdtempSync(path.join(tmpdir(), 'vast-cloud-'));
  } catch (error) {
    throw new UserError(`no temporary directory can be created in ${tmpdir()}, which ${process.env.TMPDIR ? 'TMPDIR names' : 'is the default'}: ${(error as Error).message}`);
  }
}
