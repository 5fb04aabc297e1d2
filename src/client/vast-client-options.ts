import { aws_lambda as lambda, aws_s3 as s3, aws_sqs as sqs, Duration, Size } from 'aws-cdk-lib';

/** What is special about the client of a `VastDeployment`; its defaults suit most. */
export interface VastClientOptions {
  /**
   * Whether there is a client. It costs nothing while no command runs, but for its image in ECR (about 0.10 USD per GB
   * and month).
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * A ready-made image, so that deploying needs no Docker: `lambda.DockerImageCode.fromEcr(repository, { tagOrDigest })`.
   *
   * It has to be made from `docker/client` of this package, for the release and the CPU architecture of the deployment.
   * Lambda takes images from ECR in its own region only, and no index of images: build with
   * `docker build --provenance=false --sbom=false`. In ECR it costs about 0.10 USD per GB and month (us-east-1).
   *
   * @default - built from `docker/client` when the stack is deployed
   * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
   */
  readonly image?: lambda.DockerImageCode;

  /**
   * The image of the engine that the client's image is built on, such as `mirror.example.com/tenzir/vast:v3.1.0`.
   *
   * @default - the official image of the deployment's release
   */
  readonly engineImage?: string;

  /**
   * The image that the client's Node.js program is taken from, for those who build from a mirror.
   *
   * @default - the official Node.js image, from the public registry of AWS
   */
  readonly nodeImage?: string;

  /**
   * Memory in MiB, 128 to 10240. Lambda gives CPU in proportion: one vCPU at 1769 MiB.
   *
   * A GiB costs about 0.0000167 USD per second of use (us-east-1).
   *
   * @default 2048
   * @see https://aws.amazon.com/lambda/pricing/
   */
  readonly memoryMiB?: number;

  /**
   * How long a command may take, 15 minutes at most. A little before the end it is stopped, so that there is time to answer.
   *
   * @default Duration.minutes(5)
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html
   */
  readonly timeout?: Duration;

  /**
   * Size of `/tmp`, the only place that a command can write to: 512 MiB to 10 GiB.
   *
   * What exceeds 512 MiB costs about 0.00000003 USD per GiB and second of use (us-east-1).
   *
   * @default Size.mebibytes(512)
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-ephemeral-storage.html
   */
  readonly ephemeralStorage?: Size;

  /**
   * Environment variables of every command, in plain text for everybody who may read the function's configuration.
   *
   * @default - what the engine's client needs to find the server, and half a minute to connect to it (`VAST_CONNECTION_TIMEOUT` or
   *   `TENZIR_CONNECTION_TIMEOUT`, from v2.3.0 on)
   */
  readonly environment?: { [name: string]: string };

  /**
   * How many commands may run at the same time. The number is taken from what the account's other functions share.
   *
   * @default - as many as the account's functions share
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * The queue for asynchronous calls that have failed. They are never tried again by themselves: a second import of the
   * same data would double it.
   *
   * @default - a new queue, encrypted, whose messages are kept for 14 days
   * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
   */
  readonly deadLetterQueue?: sqs.IQueue;

  /**
   * The bucket for output that does not fit into an answer, under the prefix `results/`.
   *
   * What is kept there costs about 0.023 USD per GB and month (us-east-1), until a lifecycle rule of yours ends it.
   *
   * @default - `workBucket`; without one, such output is cut in the middle, which the answer says
   */
  readonly resultsBucket?: s3.IBucket;

  /**
   * A bucket that commands may use as scratch space: they may list it, and read, write and delete its objects.
   *
   * Every command finds its name in the environment variable `CDK_VAST_WORK_BUCKET`. What is kept there costs about 0.023 USD
   * per GB and month (us-east-1), until a lifecycle rule of yours ends it.
   *
   * @default - none
   * @see https://aws.amazon.com/s3/pricing/
   */
  readonly workBucket?: s3.IBucket;
}
