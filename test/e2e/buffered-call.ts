import { CommandEvent, CommandResult } from '../../src/client/contract';
import { DeploymentOutput } from '../../src/discovery/deployment-output';
import { AwsConnection } from '../../src/runtime/aws-connection';

/** Calls the client as `aws lambda invoke` does, for one JSON answer. */
export async function callClient(connection: AwsConnection, { clientFunctionName }: DeploymentOutput, event: CommandEvent): Promise<CommandResult> {
  return connection.use('lambda', async (client, { InvokeCommand }) => {
    const { FunctionError, Payload } = await client.send(new InvokeCommand({
      FunctionName: clientFunctionName, Payload: Buffer.from(JSON.stringify({ cmdEncoding: 'utf8', ...event })),
    }));
    const answer = Buffer.from(Payload!).toString();
    if (FunctionError) {
      throw new Error(answer);
    }
    return JSON.parse(answer) as CommandResult;
  });
}
