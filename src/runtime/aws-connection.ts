import { asAwsCallError } from './aws-call-error';
import { awsSdk } from './aws-sdk';

/** Which AWS is meant. What is left out comes from where every tool of AWS takes it: environment, profile, role. */
export interface AwsConnectionOptions {
  /**
   * The AWS region.
   *
   * @default - that of the environment (`AWS_REGION`) or the profile
   */
  readonly region?: string;

  /**
   * The profile of the shared AWS configuration.
   *
   * @default - that of the environment (`AWS_PROFILE`), or `default`
   */
  readonly profile?: string;

  /**
   * Where the AWS APIs are, for another place than AWS itself.
   *
   * @default - that of the environment (`AWS_ENDPOINT_URL`), or AWS
   */
  readonly endpoint?: string;
}

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
  ecs: options => new (awsSdk('ecs').ECSClient)(options),
  efs: options => new (awsSdk('efs').EFSClient)(options),
  kms: options => new (awsSdk('kms').KMSClient)(options),
  // A command must never run twice, and may take its time: whether to ask again, and how long to wait, is decided by whoever asks.
  lambda: options => new (awsSdk('lambda').LambdaClient)({ ...options, maxAttempts: 1, requestHandler: { ...TIMEOUTS, requestTimeout: 0 } }),
  logs: options => new (awsSdk('logs').CloudWatchLogsClient)(options),
  // A local AWS has one host name for all buckets.
  s3: options => new (awsSdk('s3').S3Client)({ forcePathStyle: 'endpoint' in options || Boolean(process.env.AWS_ENDPOINT_URL), ...options }),
  serviceQuotas: options => new (awsSdk('serviceQuotas').ServiceQuotasClient)(options),
  ssm: options => new (awsSdk('ssm').SSMClient)(options),
  sts: options => new (awsSdk('sts').STSClient)(options),
};

/** Throttled calls are made again by the SDK, after longer and longer pauses: half a minute altogether. */
const MAX_ATTEMPTS = 8;

/** A server that does not answer at all is not waited for longer, in milliseconds. */
const TIMEOUTS = { connectionTimeout: 5000, requestTimeout: 30_000, throwOnRequestTimeout: true };

/** The AWS that calls go to. Clients are made when they are first used, and used again. */
export class AwsConnection {
  private readonly clients = new Map<Service, AwsClients[Service]>();

  public constructor(private readonly options: AwsConnectionOptions = {}) {}

  /**
   * Calls a service.
   *
   * @param call gets the client, and the module of the SDK that has its commands
   * @throws AwsCallError where the call fails; the caller's own errors as they are
   */
  public async use<S extends Service, T>(service: S, call: (client: AwsClients[S], sdk: AwsModules[S]) => Promise<T>): Promise<T> {
    try {
      return await call(this.client(service), awsSdk(service));
    } catch (error) {
      throw asAwsCallError(error, this.options.endpoint);
    }
  }

  /** Lets go of the connections, so that a program can end. */
  public close(): void {
    this.clients.forEach(client => client.destroy());
    this.clients.clear();
  }

  private client<S extends Service>(service: S): AwsClients[S] {
    let client = this.clients.get(service) as AwsClients[S] | undefined;
    if (!client) {
      const { region, profile, endpoint } = this.options;
      client = MAKE[service]({
        ...region && { region },
        ...profile && { profile },
        ...endpoint && { endpoint },
        maxAttempts: MAX_ATTEMPTS,
        requestHandler: TIMEOUTS,
      });
      this.clients.set(service, client);
    }
    return client;
  }
}
