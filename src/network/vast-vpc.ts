import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { VastEgress } from './vast-egress';
import { parseCidr } from '../cidr/cidr';

export interface VastVpcProps {
  readonly cidr: string;
  readonly availabilityZone?: string;
  readonly egress: VastEgress;
  readonly flowLogs?: ec2.FlowLogOptions;
}

/** A VPC of exactly the given CIDR, cut in halves: the private Vast subnet and the public Gateway subnet. */
export class VastVpc extends Construct {
  public readonly vpc: ec2.Vpc;
  public readonly vastSubnet: ec2.ISubnet;
  public readonly gatewaySubnet: ec2.ISubnet;

  /** The half of the CIDR that the Vast subnet has; known at synthesis, unlike what CDK says of a new VPC. */
  public readonly vastSubnetCidr: string;

  constructor(scope: Construct, id: string, props: VastVpcProps) {
    super(scope, id);
    const half = parseCidr(props.cidr)!.prefix + 1;
    const eip = props.egress._eipAllocationId;
    this.vpc = new ec2.Vpc(this, 'Vpc', {
      ipAddresses: ec2.IpAddresses.cidr(props.cidr),
      ...(props.availabilityZone ? { availabilityZones: [props.availabilityZone] } : { maxAzs: 1 }),
      natGateways: 1,
      natGatewayProvider: eip ? ec2.NatProvider.gateway({ eipAllocationIds: [eip] }) : undefined,
      subnetConfiguration: [
        { name: 'Vast', subnetType: ec2.SubnetType.PRIVATE_WITH_EGRESS, cidrMask: half },
        { name: 'Gateway', subnetType: ec2.SubnetType.PUBLIC, cidrMask: half, mapPublicIpOnLaunch: false },
      ],
      // It would cost a custom resource with a function of its own; nothing here is in the default group.
      restrictDefaultSecurityGroup: false,
      // Free of charge, and what goes to S3 would otherwise be paid for at the NAT gateway.
      gatewayEndpoints: { S3: { service: ec2.GatewayVpcEndpointAwsService.S3 } },
    });
    [this.vastSubnet] = this.vpc.privateSubnets;
    [this.gatewaySubnet] = this.vpc.publicSubnets;
    this.vastSubnetCidr = `${props.cidr.split('/')[0]}/${half}`;
    if (props.flowLogs) {
      this.vpc.addFlowLog('FlowLog', props.flowLogs);
    }
  }
}
