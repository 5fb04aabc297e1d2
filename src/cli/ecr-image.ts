/** An image in a private repository of ECR. */
export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tagOrDigest: string;
}

/**
 * The host names of private registries: `ACCOUNT.dkr.ecr.REGION.` with the suffix of each partition, `ACCOUNT.dkr-ecr.REGION.`
 * for those that answer over IPv6, too, and both with `-fips`.
 *
 * @see https://docs.aws.amazon.com/general/latest/gr/ecr.html
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
 */
const SUFFIXES = [
  'amazonaws.com', 'on.aws',
  'amazonaws.com.cn', 'on.amazonwebservices.com.cn',
  'amazonaws.eu', 'on.amazonwebservices.eu',
  'c2s.ic.gov', 'sc2s.sgov.gov', 'cloud.adc-e.uk', 'csp.hci.ic.gov',
];
const HOST = `(\\d{12})\\.dkr[.-]ecr(?:-fips)?\\.([a-z0-9-]+)\\.(?:${SUFFIXES.map(suffix => suffix.replaceAll('.', '\\.')).join('|')})`;
const ADDRESS = new RegExp(`^${HOST}/([a-z0-9._/-]+)(?::([\\w.-]+)|@(sha256:[0-9a-f]{64}))$`);

/** The parts of an image's address; undefined where it is not one of ECR, or names neither tag nor digest. */
export function parseEcrImage(address: string): EcrImage | undefined {
  const [, account, region, repository, tag, digest] = ADDRESS.exec(address) ?? [];
  return account === undefined ? undefined : { account, region, repository, tagOrDigest: tag ?? digest };
}
