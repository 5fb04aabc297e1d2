import { DeploymentOutput } from '../../discovery/deployment-output';
import { VastVersion } from '../../engine';
import { AwsCallError, AwsFailure } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import { Client, ClientCallError } from '../client';
import { unlessAborted } from '../waiting';
import { shellCommand } from './shell-words';

/** Whether the engine answers a query. */
export interface Readiness {
  /** Undefined where it cannot be asked. */
  readonly answers?: boolean;

  /** Why it does not, or cannot be asked. */
  readonly why: string;
}

/** An engine that accepts a connection and says nothing is asked again after so many seconds. */
const PATIENCE_SECONDS = 20;

/**
 * Has the client ask the engine.
 *
 * @throws AwsCallError where the credentials are not accepted
 */
export async function askEngine(connection: AwsConnection, deployment: DeploymentOutput, signal?: AbortSignal): Promise<Readiness> {
  if (!deployment.clientFunctionName) {
    return { why: 'the deployment has no client that could ask it a question' };
  }
  const cmd = shellCommand(['timeout', `${PATIENCE_SECONDS}`, ...VastVersion.of(deployment.engineVersion).readinessCommand()]);
  try {
    const { exitCode, stderr, timedOut } = await unlessAborted(signal, () => new Client(connection, deployment).run(cmd, { signal }));
    return { answers: exitCode === 0, why: stderr.toString().trim() || (timedOut ? 'the client timed out' : `the question ended with ${exitCode}`) };
  } catch (error) {
    if (error instanceof ClientCallError) {
      return { answers: false, why: error.message };
    }
    if (!(error instanceof AwsCallError) || error.failure === AwsFailure.CREDENTIALS) {
      throw error;
    }
    const hopeless = error.failure === AwsFailure.PERMISSION || error.code === 'ResourceNotFoundException';
    return { answers: hopeless ? undefined : false, why: `its client cannot be called: ${error.message}` };
  }
}
