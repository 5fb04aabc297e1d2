import { App, aws_ec2 as ec2, RemovalPolicy, Stack, StackProps } from 'aws-cdk-lib';
import { VastDeployment, VastVersion } from 'cdk-vast';
import { Construct } from 'constructs';

interface QuickstartProps extends StackProps {
  readonly cidr: string;
  readonly peeredVpcId: string;
  readonly version: string;
  readonly removeData: boolean;
}

class Quickstart extends Stack {
  constructor(scope: Construct, id: string, props: QuickstartProps) {
    super(scope, id, props);
    const peeredVpc = ec2.Vpc.fromLookup(this, 'Peer', { vpcId: props.peeredVpcId });

    const vast = new VastDeployment(this, 'Vast', {
      cidr: props.cidr,
      peeredVpc,
      version: VastVersion.of(props.version),
      // Without this the database outlives the stack, which is what you want outside of a trial.
      removalPolicy: props.removeData ? RemovalPolicy.DESTROY : undefined,
    });

    // Peering gives routes; this gives access to what runs in the peered VPC.
    vast.connections.allowDefaultPortFrom(ec2.Peer.ipv4(peeredVpc.vpcCidrBlock), 'clients in the peered VPC');
  }
}

const app = new App();
const context = (name: string) => app.node.tryGetContext(name);
new Quickstart(app, 'VastQuickstart', {
  // Looking a VPC up takes an account and a region; the CDK CLI fills in those of your credentials.
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
  peeredVpcId: context('peeredVpcId'),
  cidr: context('cidr') ?? '172.31.48.0/24',
  version: context('version') ?? 'v3.1.0',
  removeData: context('removeData') === 'true',
});
