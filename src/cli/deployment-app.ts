import { CdkApp } from './cdk';
import { cdkEnvironment } from './cdk-environment';
import { UserError } from './errors';
import { compiled } from './package-root';
import { run } from './run';
import { Settings, toEnvironment } from './settings';

/** The app that the variables describe. */
export const DEPLOYMENT_APP: CdkApp = { file: compiled('cli/app.js') };

/** What the constructs would refuse is said before AWS is asked for anything. */
export async function checkConstructs(settings: Settings): Promise<void> {
  const { exitCode, stderr } = await run(process.execPath, [DEPLOYMENT_APP.file], {
    env: { ...cdkEnvironment(process.env), ...toEnvironment(settings), CDK_DEFAULT_ACCOUNT: '000000000000' },
    capture: true,
  });
  if (exitCode !== 0) {
    throw new UserError(stderr.trim());
  }
}
