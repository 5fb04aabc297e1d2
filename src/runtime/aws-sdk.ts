import type * as cloudformation from '@aws-sdk/client-cloudformation';
import type * as ecs from '@aws-sdk/client-ecs';
import type * as efs from '@aws-sdk/client-efs';
import type * as lambda from '@aws-sdk/client-lambda';

/** The clients of the AWS SDK that the runtime uses, with what goes with them. */
export interface AwsSdk {
  readonly cloudformation: typeof cloudformation;
  readonly ecs: typeof ecs;
  readonly efs: typeof efs;
  readonly lambda: typeof lambda;
}

/**
 * The AWS SDK, loaded by the first call that needs it: loading takes 100 ms, and most users of the package never
 * leave synthesis.
 *
 * It is one bundle (`build-tools/bundle.mjs`) instead of thousands of files in the package.
 */
export function awsSdk(): AwsSdk {
  // On a Node.js line past its end of life the SDK says so on every start; users of a command cannot act upon it.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return require('#aws-sdk') as AwsSdk;
}
