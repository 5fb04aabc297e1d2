/** An image in a private repository of ECR. */
export interface EcrImage {
  readonly account: string;
  readonly region: string;
  readonly repository: string;
  readonly tagOrDigest: string;
}

const ADDRESS = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([a-z0-9._/-]+)(?::([\w.-]+)|@(sha256:[0-9a-f]{64}))$/;

/** The parts of an image's address; undefined where it is not one of ECR, or names neither tag nor digest. */
export function parseEcrImage(address: string): EcrImage | undefined {
  const [, account, region, repository, tag, digest] = ADDRESS.exec(address) ?? [];
  return account === undefined ? undefined : { account, region, repository, tagOrDigest: tag ?? digest };
}
