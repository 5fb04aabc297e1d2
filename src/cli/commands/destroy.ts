import { createInterface } from 'node:readline/promises';
import { AwsConnection } from '../../runtime/aws-connection';
import { describeStack, findDeployments } from '../../runtime/discovery';
import { Server } from '../../runtime/server';
import { WorkBucket } from '../../runtime/work-bucket';
import { targetEnvironment } from '../aws-target';
import { cdk } from '../cdk';
import { EXIT, Failure, UserError } from '../errors';
import { compiled } from '../package-root';
import { environmentWithDotEnv, readSettings, STACK_DESCRIPTION, toEnvironment } from '../settings';

/** Options of `vast-cloud destroy`. */
export interface DestroyOptions {
  readonly local?: boolean;
  readonly force?: boolean;
}

/** Destroys the stack after a question; what holds data is kept, and named. */
export async function destroy(options: DestroyOptions): Promise<number> {
  const environment = environmentWithDotEnv();
  const settings = readSettings(environment, ['VAST_AWS_REGION']);
  const env = { ...await targetEnvironment(environment, options.local ?? false), ...toEnvironment(settings) };
  env.AWS_REGION = env.AWS_DEFAULT_REGION = process.env.AWS_REGION = process.env.AWS_DEFAULT_REGION = settings.region;

  const connection = new AwsConnection();
  const deployments = await findDeployments(connection, settings.stackName);
  const ownStack = (await describeStack(connection, settings.stackName))?.Description === STACK_DESCRIPTION;
  if (!options.force && !await confirmed(`destroy the stack ${settings.stackName} in ${settings.region}?`)) {
    console.error('nothing was destroyed');
    return EXIT.userError;
  }
  for (const deployment of deployments) {
    // The engine gets its time to write everything out, which the deletion of a service alone does not wait for.
    await new Server(connection, deployment).stopAllTasks();
    // In a stack of somebody's own app the bucket is theirs, and so is what is in it.
    if (ownStack && deployment.workBucketName) {
      await new WorkBucket(connection, deployment).empty();
    }
  }
  const { exitCode } = await cdk({ file: compiled('cli/empty-app.js') }, ['destroy', '--force', settings.stackName], { env });
  if (exitCode !== 0) {
    throw new Failure(`the destruction failed: the CDK CLI ended with ${exitCode}`);
  }
  for (const { fileSystemId, logGroupName } of deployments) {
    console.error(fileSystemId
      ? `kept: the database, on ${fileSystemId}. VAST_FILE_SYSTEM_ID=${fileSystemId} uses it again; it is deleted with\n`
        + `  aws efs delete-file-system --region ${settings.region} --file-system-id ${fileSystemId}`
      : 'the database was on the task\'s own disk, and is gone');
    console.error(`kept: the log group ${logGroupName}`);
  }
  return EXIT.success;
}

async function confirmed(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new UserError('destroy asks first, and there is no terminal to ask on: give --force');
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
