import { targetEnvironment } from './aws-target';
import { environmentWithDotEnv } from './dot-env';
import { interruptible } from './interruption';
import { Progress } from './progress';
import { readSettings } from './settings';
import { DeploymentOutput } from '../discovery/deployment-output';
import { AwsConnection } from '../runtime/aws-connection';
import { findDeployment } from '../runtime/discovery';
import { unlessAborted } from '../runtime/waiting';

/** Options of every command that works on a deployment. */
export interface OperationOptions {
  readonly local?: boolean;
  readonly stack?: string;
  readonly deployment?: string;
  readonly quiet?: boolean;
}

/** A deployment that is worked on, and how the user hears of it. */
export interface Operation {
  readonly connection: AwsConnection;
  readonly deployment: DeploymentOutput;
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;

  /** Says what goes on from now on when the user stops waiting for it. */
  goesOn(words: string): void;
}

/**
 * Finds the deployment that is meant, and works on it.
 *
 * @param atFirst what goes on when the user stops waiting for it, until the work says otherwise
 * @returns the exit code
 */
export async function operate(options: OperationOptions, atFirst: string, work: (operation: Operation) => Promise<number>): Promise<number> {
  const environment = environmentWithDotEnv();
  const settings = readSettings({ ...environment, ...options.stack && { VAST_STACK_NAME: options.stack } }, []);
  await targetEnvironment(environment, options.local ?? false, settings.region);
  const connection = new AwsConnection();
  try {
    return await interruptible(atFirst, async ({ signal, goesOn }) => {
      const deployment = await unlessAborted(signal, () => findDeployment(connection, settings.stackName, options.deployment));
      return work({ connection, deployment, progress: new Progress(process.stderr, options.quiet), signal, goesOn });
    });
  } finally {
    connection.close();
  }
}
