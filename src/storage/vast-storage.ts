import { aws_efs as efs, aws_kms as kms } from 'aws-cdk-lib';

/** How the engine's directory on a file system is found and owned; the same for a new and an existing one. */
export interface VastDirectoryOptions {
  /**
   * The directory of the file system that holds the engine's state. It is made where it is not there.
   *
   * @default '/vast'
   * @see https://docs.aws.amazon.com/efs/latest/ug/efs-access-points.html
   */
  readonly path?: string;

  /**
   * The user and group as which the engine's files are read and written, whoever the process is. An existing directory is
   * not changed: it has to be theirs.
   *
   * @default - 999:999, the user of the official images
   */
  readonly posixUser?: efs.PosixUser;
}

/** Options of `VastStorage.efs`. */
export interface EfsStorageOptions extends VastDirectoryOptions {
  /**
   * How throughput is provided and paid for.
   *
   * Elastic needs no planning and costs about 0.03 USD per GB read and 0.06 USD per GB written (us-east-1); an engine
   * that compacts its database reads and writes a lot. Bursting costs nothing, but on a small file system its credits
   * run out within weeks. Provisioned throughput needs `provisionedThroughputMiBps`.
   *
   * @default efs.ThroughputMode.ELASTIC
   * @see https://docs.aws.amazon.com/efs/latest/ug/performance.html
   */
  readonly throughputMode?: efs.ThroughputMode;

  /**
   * Provisioned throughput in MiB/s, with `ThroughputMode.PROVISIONED` only.
   *
   * It costs about 6 USD per MB/s and month (us-east-1), used or not.
   *
   * @default - none
   * @see https://aws.amazon.com/efs/pricing/
   */
  readonly provisionedThroughputMiBps?: number;

  /**
   * Whether AWS Backup copies the file system once a day and keeps the copies for 35 days.
   *
   * It costs about 0.05 USD per GB and month (us-east-1).
   *
   * @default false
   * @see https://docs.aws.amazon.com/efs/latest/ug/awsbackup.html
   */
  readonly automaticBackups?: boolean;

  /**
   * The key that encrypts the file system at rest; it is encrypted in any case.
   *
   * A change replaces the file system by a new, empty one. A key of yours costs about 1 USD per month.
   *
   * @default - the key that AWS manages for EFS, which costs nothing
   * @see https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html
   */
  readonly kmsKey?: kms.IKey;
}

/** Options of `VastStorage.attached`. */
export interface AttachedStorageOptions {
  /**
   * Size of the task's own disk in GiB, 20 to 200.
   *
   * The first 20 cost nothing, each further one about 0.08 USD for a month in which the server runs (us-east-1).
   *
   * @default 20
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
   */
  readonly sizeGiB?: number;
}

/** Where the engine keeps its database. */
export class VastStorage {
  /**
   * A new EFS file system: encrypted, reached by the server alone, and kept when the deployment is destroyed.
   *
   * It costs about 0.30 USD per GB and month (us-east-1) next to its throughput, also while the server is stopped.
   *
   * @param options @default - elastic throughput, no backups, the key that AWS manages
   * @see https://aws.amazon.com/efs/pricing/
   */
  public static efs(options: EfsStorageOptions = {}): VastStorage {
    return new VastStorage({ efs: options });
  }

  /**
   * An existing EFS file system, for example the one that an earlier deployment has left.
   *
   * A file system can have mount targets in one VPC at a time. The deployment creates a mount target in its own VPC:
   * delete those that are left in another VPC first. The file system's own policy and encryption stay as they are.
   *
   * It costs what its own throughput mode and its size make it cost.
   *
   * @param fileSystemId for example `fs-0123456789abcdef0`; a construct refuses what is not the id of a file system
   * @param options @default - the directory `/vast`, and the user 999:999
   * @see https://docs.aws.amazon.com/efs/latest/ug/manage-fs-access-change-vpc.html
   */
  public static fromFileSystemId(fileSystemId: string, options: VastDirectoryOptions = {}): VastStorage {
    return new VastStorage({ fileSystemId, directory: options });
  }

  /**
   * The task's own disk: fast, nothing to pay for up to 20 GiB, and **gone with the task**.
   *
   * Every restart, redeployment or crash of the server begins with an empty database.
   *
   * @param options @default - 20 GiB
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-storage.html
   */
  public static attached(options: AttachedStorageOptions = {}): VastStorage {
    return new VastStorage({ attached: options });
  }

  /** @internal */
  public readonly _choice: StorageChoice;

  private constructor(choice: StorageChoice) {
    this._choice = choice;
  }
}

/** What was chosen; exactly one of the three. */
export interface StorageChoice {
  readonly efs?: EfsStorageOptions;
  readonly fileSystemId?: string;
  readonly directory?: VastDirectoryOptions;
  readonly attached?: AttachedStorageOptions;
}
