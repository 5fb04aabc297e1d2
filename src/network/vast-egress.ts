/** Options of `VastEgress.natGateway`. */
export interface NatGatewayEgressOptions {
  /**
   * Allocation id of an Elastic IP for the gateway, for a source address that others can put on their lists.
   *
   * A public IPv4 address costs about 3.65 USD per month, yours as well as a new one.
   *
   * @default - a new Elastic IP, released with the deployment
   * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-eips.html
   */
  readonly eipAllocationId?: string;
}

/** How the private subnet reaches the internet and the AWS services. */
export class VastEgress {
  /**
   * One NAT gateway in the gateway subnet.
   *
   * It costs about 0.045 USD per hour (33 USD per month) and 0.045 USD per GB in us-east-1, also while the server is
   * stopped, and 3.65 USD per month for its address. What goes to S3 in the same region does not pass through it.
   *
   * @param options @default - a new Elastic IP
   * @see https://aws.amazon.com/vpc/pricing/
   */
  public static natGateway(options: NatGatewayEgressOptions = {}): VastEgress {
    return new VastEgress(options.eipAllocationId);
  }

  /** @internal */
  public readonly _eipAllocationId?: string;

  private constructor(eipAllocationId?: string) {
    this._eipAllocationId = eipAllocationId;
  }
}
