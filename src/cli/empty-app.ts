import { App, Stack, Validations } from 'aws-cdk-lib';
import { EXIT } from './errors';
import { ACCOUNT_CONTEXT, stackAccount } from './stack-account';

/**
 * What `vast-cloud destroy` gives to the CDK CLI: destroying takes a stack's name and place, not its content, and must
 * work when the variables are wrong by now or the peered VPC is gone.
 */
try {
  const app = new App();
  const stack = new Stack(app, process.env.VAST_STACK_NAME!, {
    env: { account: stackAccount(app.node.tryGetContext(ACCOUNT_CONTEXT)), region: process.env.VAST_AWS_REGION },
  });
  Validations.of(stack).acknowledge({ id: 'CloudFormation-Validate::F0001', reason: 'this template is never deployed' });
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = EXIT.userError;
}
