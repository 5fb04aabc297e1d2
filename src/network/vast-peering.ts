import { Annotations, aws_ec2 as ec2, CfnOutput, Fn, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkSharedPeer } from './shared-peer';
import { VastPeer } from './vast-peer';

export interface VastPeeringProps {
  readonly vpc: ec2.IVpc;
  readonly cidr: string;
  readonly namespaceName: string;
  readonly subnet: ec2.ISubnet;
  readonly peer: VastPeer;
}

/** The id of every VPC that is being looked up, until the CDK CLI has the answer. */
const DUMMY_VPC_ID = 'vpc-12345';

/** The peering connection, and routes on both sides of it. */
export class VastPeering extends Construct {
  public readonly connection: ec2.CfnVPCPeeringConnection;
  public readonly peer: VastPeer;
  public readonly cidr: string;
  public readonly namespaceName: string;

  constructor(scope: Construct, id: string, props: VastPeeringProps) {
    super(scope, id);
    const { peer } = props;
    this.peer = peer;
    this.cidr = props.cidr;
    this.namespaceName = props.namespaceName;
    this.earlierOnes().forEach(earlier => checkSharedPeer(this, earlier));
    this.connection = new ec2.CfnVPCPeeringConnection(this, 'Connection', {
      vpcId: props.vpc.vpcId,
      peerVpcId: peer.vpcId,
      peerOwnerId: peer.ownerAccount,
      peerRegion: peer.region,
      peerRoleArn: peer.ownerAccount ? peer.acceptRoleArn : undefined,
    });

    peer.cidrs.forEach(({ cidr, literal }) => new ec2.CfnRoute(this, `RouteToPeer${this.keyOf(literal ?? cidr)}`, {
      routeTableId: props.subnet.routeTable.routeTableId,
      destinationCidrBlock: cidr,
      vpcPeeringConnectionId: this.connection.ref,
    }));

    if (peer.reachable) {
      peer.routeTableIds.forEach(routeTableId => new ec2.CfnRoute(this, `RouteFromPeer${this.keyOf(routeTableId)}`, {
        routeTableId,
        destinationCidrBlock: props.cidr,
        vpcPeeringConnectionId: this.connection.ref,
      }));
    } else {
      this.putOutMissingRoutes(peer, props.cidr);
    }
  }

  /** The deployments of the same app or stage that are peered with the same VPC already. */
  private earlierOnes(): VastPeering[] {
    const stage = Stage.of(this);
    return stage?.node.findAll().filter((other): other is VastPeering => other instanceof VastPeering && other !== this
      && Stage.of(other) === stage && other.peer.vpcId === this.peer.vpcId && this.peer.vpcId !== DUMMY_VPC_ID) ?? [];
  }

  /**
   * The part of a route's id that names its table or destination, never its place in a list: CloudFormation creates the
   * routes of a new template before it deletes old ones, and EC2 takes one route per table and destination.
   *
   * A token stands for what the template has in its place, such as the logical id of a route table of this app.
   */
  private keyOf(value: string): string {
    return JSON.stringify(Stack.of(this).resolve(value)).replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
  }

  /** What this stack cannot create in another account or region is put out as commands, ready to be run there. */
  private putOutMissingRoutes(peer: VastPeer, cidr: string) {
    const tables = peer.routeTableIds.length > 0 ? peer.routeTableIds : ['ROUTE_TABLE_ID'];
    const region = peer.region ? ` --region ${peer.region}` : '';
    const commands = tables.map(table => Fn.sub(
      `aws ec2 create-route${region} --route-table-id \${Table} --destination-cidr-block ${cidr} --vpc-peering-connection-id \${Connection}`,
      { Table: table, Connection: this.connection.ref }));
    const output = new CfnOutput(this, 'MissingRoutes', {
      description: 'run with credentials of the peer, so that it can answer',
      value: Fn.join(' && ', commands),
    });
    const where = [peer.ownerAccount && `account ${peer.ownerAccount}`, peer.region && `region ${peer.region}`].filter(Boolean);
    Annotations.of(this).addWarningV2('cdk-vast:peerRoutesMissing',
      `the peered VPC is in ${where.join(', ')}: this stack cannot create the routes there; `
      + `run the commands of the output '${output.node.path}' once it is deployed`);
  }
}
