import type * as cloudformation from '@aws-sdk/client-cloudformation';
import type * as logs from '@aws-sdk/client-cloudwatch-logs';
import type * as ec2 from '@aws-sdk/client-ec2';
import type * as ecs from '@aws-sdk/client-ecs';
import type * as efs from '@aws-sdk/client-efs';
import type * as kms from '@aws-sdk/client-kms';
import type * as lambda from '@aws-sdk/client-lambda';
import type * as s3 from '@aws-sdk/client-s3';
import type * as serviceQuotas from '@aws-sdk/client-service-quotas';
import type * as ssm from '@aws-sdk/client-ssm';
import type * as sts from '@aws-sdk/client-sts';

/** The clients of the AWS SDK that the runtime uses, each with what goes with it. */
export interface AwsSdk {
  readonly cloudformation: typeof cloudformation;
  readonly ec2: typeof ec2;
  readonly ecs: typeof ecs;
  readonly efs: typeof efs;
  readonly kms: typeof kms;
  readonly lambda: typeof lambda;
  readonly logs: typeof logs;
  readonly s3: typeof s3;
  readonly serviceQuotas: typeof serviceQuotas;
  readonly ssm: typeof ssm;
  readonly sts: typeof sts;
}

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
