import { asAwsCallError } from './aws-call-error';
import { awsSdk } from './aws-sdk';
import { AwsSettings, CustomEndpoint, isAwsEndpoint, resolveAwsSettings } from './aws-settings';
import { AwsConnectionOptions } from './aws-source';

/**
 * The clients of the AWS SDK by their names in `aws-services.ts`, which declares them.
 *
 * The types of this file are for users of `cdk-vast/runtime`, too, who need not have the SDK: nothing here names it.
 */
export interface AwsClients {}

/** The modules of the SDK, by the same names. */
export interface AwsModules {}

type Service = keyof AwsClients & keyof AwsModules;

/** How a client is made from what its module has. */
const MAKE: { readonly [S in Service]: (options: object) => AwsClients[S] } = {
  cloudformation: options => new (awsSdk('cloudformation').CloudFormationClient)(options),
  ec2: options => new (awsSdk('ec2').EC2Client)(options),
  ecr: options => new (awsSdk('ecr').ECRClient)(options),
  ecs: options => new (awsSdk('ecs').ECSClient)(options),
  efs: options => new (awsSdk('efs').EFSClient)(options),
  kms: options => new (awsSdk('kms').KMSClient)(options),
  // A command must never run twice, and may take its time: whether to ask again, and how long to wait, is decided by whoever asks.
  lambda: options => new (awsSdk('lambda').LambdaClient)({ ...options, maxAttempts: 1, requestHandler: { ...TIMEOUTS, requestTimeout: 0 } }),
  logs: options => new (awsSdk('logs').CloudWatchLogsClient)(options),
  s3: options => new (awsSdk('s3').S3Client)(options),
  serviceQuotas: options => new (awsSdk('serviceQuotas').ServiceQuotasClient)(options),
  ssm: options => new (awsSdk('ssm').SSMClient)(options),
  sts: options => new (awsSdk('sts').STSClient)(options),
};

/** The names that the SDK's configuration has for the services. */
const SERVICE_IDS: { readonly [S in Service]: string } = {
  cloudformation: 'CloudFormation',
  ec2: 'EC2',
  ecr: 'ECR',
  ecs: 'ECS',
  efs: 'EFS',
  kms: 'KMS',
  lambda: 'Lambda',
  logs: 'CloudWatch Logs',
  s3: 'S3',
  serviceQuotas: 'Service Quotas',
  ssm: 'SSM',
  sts: 'STS',
};

/** Throttled calls are made again by the SDK, after longer and longer pauses: half a minute altogether. */
const MAX_ATTEMPTS = 8;

/** A server that does not answer at all is not waited for longer, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** The AWS that calls go to. Clients are made when they are first used, and used again. */
export class AwsConnection {
  private readonly clients = new Map<Service, AwsClients[Service]>();
  private settings?: Promise<AwsSettings>;

  public constructor(private readonly options: AwsConnectionOptions = {}) {}

  /**
   * Calls a service.
   *
   * @param call gets the client, and the module of the SDK that has its commands
   * @throws AwsCallError where the call fails; the caller's own errors as they are
   */
  public async use<S extends Service, T>(service: S, call: (client: AwsClients[S], sdk: AwsModules[S]) => Promise<T>): Promise<T> {
    const settings = await this.resolved();
    const endpoint = settings.endpointOf(SERVICE_IDS[service]);
    try {
      return await call(this.client(service, settings, endpoint), awsSdk(service));
    } catch (error) {
      throw asAwsCallError(error, endpoint);
    }
  }

  /** Lets go of the connections, so that a program can end. */
  public close(): void {
    this.clients.forEach(client => client.destroy());
    this.clients.clear();
  }

  /** Resolved once, so that all calls are made with the same credentials. */
  private async resolved(): Promise<AwsSettings> {
    try {
      return await (this.settings ??= resolveAwsSettings(this.options));
    } catch (error) {
      // The next call may come after the profile was corrected.
      this.settings = undefined;
      throw error;
    }
  }

  private client<S extends Service>(service: S, { credentials, profile, region }: AwsSettings, endpoint: CustomEndpoint | undefined): AwsClients[S] {
    let client = this.clients.get(service) as AwsClients[S] | undefined;
    if (!client) {
      client = MAKE[service]({
        credentials,
        ...profile && { profile },
        ...region && { region },
        ...endpoint && { endpoint: endpoint.url },
        ...service === 's3' && endpoint && { forcePathStyle: !isAwsEndpoint(endpoint.url, region) },
        ignoreConfiguredEndpointUrls: true,
        maxAttempts: MAX_ATTEMPTS,
        requestHandler: TIMEOUTS,
      });
      this.clients.set(service, client);
    }
    return client;
  }
}
