import type { AwsSdk } from './aws-services';

/**
 * A client of the AWS SDK, loaded by the first call that needs it: loading takes 100 ms, and most users of the package
 * never leave synthesis.
 *
 * It is a bundle (`build-tools/bundle-aws-sdk.mjs`) instead of thousands of files in the package.
 */
export function awsSdk<S extends keyof AwsSdk>(service: S): AwsSdk[S] {
  // On a Node.js line past its end of life the SDK says so on every start; users of a command cannot act upon it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require(`#aws-sdk/${service}`) as AwsSdk[S];
}
