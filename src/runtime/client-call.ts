import { AwsConnection } from './aws-connection';
import { NotInDeploymentError, VastRuntimeError } from './errors';
import { CommandEvent, CommandResult } from '../client/contract';
import { DeploymentOutput } from '../discovery/deployment-output';

/** The client did not run the command to its end, or could not be asked. */
export class ClientCallError extends VastRuntimeError {
  public override readonly name = 'ClientCallError';
}

/**
 * Runs a command next to the server and waits for its result; what exit code it has is not an error.
 *
 * The call is sent once: whether a call that got no answer was carried out is unknown, and doing it again might import
 * the same data twice.
 *
 * @throws NotInDeploymentError where there is no client; ClientCallError where the function failed
 */
export async function callClient(
  connection: AwsConnection, { name, clientFunctionName }: DeploymentOutput, event: CommandEvent,
): Promise<CommandResult> {
  if (!clientFunctionName) {
    throw new NotInDeploymentError(`the deployment ${name} has no client: leave client.enabled of its VastDeployment out`);
  }
  return connection.use('lambda', async (client, { InvokeCommand }) => {
    const answer = await client.send(new InvokeCommand({
      FunctionName: clientFunctionName,
      Payload: Buffer.from(JSON.stringify({ cmdEncoding: 'utf8', ...event })),
    }));
    const payload = JSON.parse(Buffer.from(answer.Payload ?? []).toString() || 'null') as unknown;
    if (answer.FunctionError) {
      const { errorType, errorMessage } = payload as { errorType?: string; errorMessage?: string };
      throw new ClientCallError(`the client failed: ${errorType ?? answer.FunctionError}: ${errorMessage ?? 'no message'} `
        + `(request ${answer.$metadata.requestId})`);
    }
    return payload as CommandResult;
  });
}
