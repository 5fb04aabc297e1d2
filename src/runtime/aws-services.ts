import type * as cloudformation from '@aws-sdk/client-cloudformation';
import type * as logs from '@aws-sdk/client-cloudwatch-logs';
import type * as ec2 from '@aws-sdk/client-ec2';
import type * as ecr from '@aws-sdk/client-ecr';
import type * as ecs from '@aws-sdk/client-ecs';
import type * as efs from '@aws-sdk/client-efs';
import type * as kms from '@aws-sdk/client-kms';
import type * as lambda from '@aws-sdk/client-lambda';
import type * as s3 from '@aws-sdk/client-s3';
import type * as serviceQuotas from '@aws-sdk/client-service-quotas';
import type * as ssm from '@aws-sdk/client-ssm';
import type * as sts from '@aws-sdk/client-sts';

/** Sections of a shared configuration file, by profile name; other sections as `services.<name>`. */
export interface ConfigSections {
  readonly [section: string]: { readonly [key: string]: string | undefined } | undefined;
}

/** Provides AWS credentials; the SDK passes the configuration of the client that needs them. */
export type CredentialProvider = (options?: object) => Promise<StaticCredentials & { readonly expiration?: Date }>;

/** Access keys as they are used for signing. */
export interface StaticCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** The files `~/.aws/config` and `~/.aws/credentials`. */
export interface ConfigFiles {
  readonly configFile: ConfigSections;
  readonly credentialsFile: ConfigSections;
}

/**
 * The parts that the SDK's clients share: the shared configuration files, the credential providers, the partitions.
 *
 * The SDK's own types for these are in packages that this one does not depend on directly.
 */
export interface AwsConfig {
  loadSharedConfigFiles(options: { readonly ignoreCache: boolean }): Promise<ConfigFiles>;

  /** Credentials of one profile, and from nowhere else. */
  fromIni(options: { readonly profile: string }): CredentialProvider;

  /** Credentials of the web identity in the environment (`AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN`). */
  fromTokenFile(): CredentialProvider;

  /** The default credential chain. */
  defaultProvider(options: { readonly profile?: string }): CredentialProvider;

  /** Keeps credentials until they expire. */
  memoized(provider: CredentialProvider): CredentialProvider;

  /** The host name suffixes of the partition of a region. */
  partition(region: string): { readonly dnsSuffix: string; readonly dualStackDnsSuffix: string };
}

/** The clients of the AWS SDK that the runtime uses, each with what goes with it. */
export interface AwsSdk {
  readonly config: AwsConfig;
  readonly cloudformation: typeof cloudformation;
  readonly ec2: typeof ec2;
  readonly ecr: typeof ecr;
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
    readonly ecr: ecr.ECRClient;
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
