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

/** What `AwsConnection.use` offers to the code of this package, and to nobody else. */
declare module './aws-connection' {
  interface AwsClients {
    readonly cloudformation: cloudformation.CloudFormationClient;
    readonly ec2: ec2.EC2Client;
    readonly ecs: ecs.ECSClient;
    readonly efs: efs.EFSClient;
    readonly kms: kms.KMSClient;
    readonly lambda: lambda.LambdaClient;
    readonly logs: logs.CloudWatchLogsClient;
    readonly s3: s3.S3Client;
    readonly serviceQuotas: serviceQuotas.ServiceQuotasClient;
    readonly ssm: ssm.SSMClient;
    readonly sts: sts.STSClient;
  }

  interface AwsModules extends AwsSdk {}
}
