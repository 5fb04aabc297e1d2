import { DeploymentOutput } from '../../discovery/deployment-output';
import { unlessDenied } from '../../runtime/aws-call-error';
import { AwsConnection } from '../../runtime/aws-connection';
import { noSuchStack } from '../../runtime/discovery';
import { callerIdentity } from '../../runtime/doctor/identity';
import { findStack } from '../../runtime/doctor/stack';
import { findFileSystems, LeftFileSystem } from '../../runtime/file-systems';
import { Server } from '../../runtime/server';
import { WorkBucket } from '../../runtime/work-bucket';
import { awsOptions } from '../aws-options';
import { targetEnvironment } from '../aws-target';
import { cdkOrFail } from '../cdk';
import { isOurs } from '../doctor/account-checks';
import { environmentWithDotEnv } from '../dot-env';
import { EXIT, UserError } from '../errors';
import { refuseGuardDutyNetwork } from '../guard-duty-network';
import { interruptible } from '../interruption';
import { compiled } from '../package-root';
import { Progress } from '../progress';
import { Answer, question } from '../question';
import { readSettings, Settings, toEnvironment } from '../settings';
import { ACCOUNT_CONTEXT } from '../stack-account';

/** Options of `vast-cloud destroy`. */
export interface DestroyOptions {
  readonly local?: boolean;
  readonly force?: boolean;
  readonly quiet?: boolean;
}

/** Destroys the stack after a question; what holds data is kept, and named. */
export async function destroy(options: DestroyOptions): Promise<number> {
  const environment = environmentWithDotEnv();
  const settings = readSettings(environment, ['VAST_AWS_REGION']);
  const env = { ...await targetEnvironment(environment, options.local ?? false, settings.region), ...toEnvironment(settings) };
  const connection = new AwsConnection();
  const { account } = await callerIdentity(connection);
  const stack = await findStack(connection, settings.stackName);
  if (!stack) {
    throw await noSuchStack(connection, settings.stackName);
  } else if (!isOurs(stack)) {
    throw new UserError(`the stack ${settings.stackName} was not created by vast-cloud, and destroy would delete everything in it: `
      + `destroy it with the CDK app that it is from (npx cdk destroy ${settings.stackName}), or set another VAST_STACK_NAME`);
  }
  const { deployments } = stack;
  const answer = options.force ? Answer.YES : await confirmation(`destroy the stack ${settings.stackName} in ${settings.region} of the account ${account}?`);
  if (answer !== Answer.YES) {
    console.error('nothing was destroyed');
    return answer === Answer.NO ? EXIT.userError : EXIT.interrupted;
  }
  return interruptible('in AWS the server stops, and the stack is still there', async ({ signal, goesOn }) => {
    const progress = new Progress(process.stderr, options.quiet);
    for (const deployment of deployments) {
      // The engine gets its time to write everything out, which the deletion of a service alone does not wait for.
      await progress.step('stop all tasks', tell => new Server(connection, deployment).stopAllTasks({ signal, onProgress: tell }));
      await refuseGuardDutyNetwork(connection, deployment);
      if (deployment.workBucketName) {
        await new WorkBucket(connection, deployment).empty();
      }
    }
    signal.throwIfAborted();
    goesOn('CloudFormation goes on with what it has begun, and keeps the database: vast-cloud doctor shows the state of the stack');
    const app = { file: compiled('cli/empty-app.js'), context: { [ACCOUNT_CONTEXT]: account } };
    await cdkOrFail('the destruction', app, ['destroy', '--force', settings.stackName], { env, capture: options.quiet });
    tellWhatIsKept(deployments, settings, await unlessDenied(findFileSystems(connection, `${settings.stackName}/Vast/FileSystem`)) ?? []);
    return EXIT.success;
  });
}

function tellWhatIsKept(deployments: DeploymentOutput[], { region }: Settings, left: LeftFileSystem[]) {
  // A stack that has changed its storage has left more than one.
  for (const { fileSystemId } of left.filter(one => !deployments.some(deployment => deployment.fileSystemId === one.fileSystemId))) {
    console.error(`kept: an earlier database, on ${fileSystemId}; it is deleted with\n`
      + `  aws efs delete-file-system${awsOptions(region)} --file-system-id ${fileSystemId}`);
  }
  for (const { fileSystemId, logGroupName, clientLogGroupName } of deployments) {
    console.error(fileSystemId
      ? `kept: the database, on ${fileSystemId}. VAST_FILE_SYSTEM_ID=${fileSystemId} uses it again; it is deleted with\n`
        + `  aws efs delete-file-system${awsOptions(region)} --file-system-id ${fileSystemId}`
      : 'the database was on the task\'s own disk, and is gone');
    console.error(`kept: the log group ${logGroupName}`);
    if (clientLogGroupName) {
      console.error(`kept: the log group ${clientLogGroupName}`);
    }
  }
}

async function confirmation(words: string): Promise<Answer> {
  if (!process.stdin.isTTY) {
    throw new UserError('destroy asks first, and there is no terminal to ask on: give --force');
  }
  return question(words);
}
