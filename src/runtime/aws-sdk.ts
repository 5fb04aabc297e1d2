import type { AwsSdk } from './aws-services';

/** Loads each client. Bundlers follow a `require` only with a literal file name. */
/* eslint-disable @typescript-eslint/no-require-imports */
const LOAD: { readonly [S in keyof AwsSdk]: () => AwsSdk[S] } = {
  config: () => require('#aws-sdk/config') as AwsSdk['config'],
  cloudformation: () => require('#aws-sdk/cloudformation') as AwsSdk['cloudformation'],
  ec2: () => require('#aws-sdk/ec2') as AwsSdk['ec2'],
  ecr: () => require('#aws-sdk/ecr') as AwsSdk['ecr'],
  ecs: () => require('#aws-sdk/ecs') as AwsSdk['ecs'],
  efs: () => require('#aws-sdk/efs') as AwsSdk['efs'],
  kms: () => require('#aws-sdk/kms') as AwsSdk['kms'],
  lambda: () => require('#aws-sdk/lambda') as AwsSdk['lambda'],
  logs: () => require('#aws-sdk/logs') as AwsSdk['logs'],
  s3: () => require('#aws-sdk/s3') as AwsSdk['s3'],
  serviceQuotas: () => require('#aws-sdk/serviceQuotas') as AwsSdk['serviceQuotas'],
  ssm: () => require('#aws-sdk/ssm') as AwsSdk['ssm'],
  sts: () => require('#aws-sdk/sts') as AwsSdk['sts'],
};
/* eslint-enable @typescript-eslint/no-require-imports */

/**
 * A client of the AWS SDK, loaded by the first call that needs it: loading takes 100 ms, and most users of the package
 * never leave synthesis.
 *
 * It is a bundle (`build-tools/bundle-aws-sdk.mjs`) instead of thousands of files in the package.
 */
export function awsSdk<S extends keyof AwsSdk>(service: S): AwsSdk[S] {
  // On a Node.js line past its end of life the SDK says so on every start; users of a command cannot act upon it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  return LOAD[service]();
}
