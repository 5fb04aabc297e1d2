import { App, Stack } from 'aws-cdk-lib';

/**
 * What `vast-cloud destroy` gives to the CDK CLI: destroying takes a stack's name and place, not its content, and must
 * work when the variables are wrong by now or the peered VPC is gone.
 */
const app = new App();
new Stack(app, process.env.VAST_STACK_NAME!, {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.VAST_AWS_REGION },
});
