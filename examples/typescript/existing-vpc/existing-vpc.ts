import { App, aws_ec2 as ec2, CfnOutput, Stack, StackProps } from 'aws-cdk-lib';
import { VastDeployment, VastVersion } from 'cdk-vast';
import { Construct } from 'constructs';

interface ExistingVpcProps extends StackProps {
  readonly cidr: string;
  readonly peeredVpcId: string;
  readonly version: string;
}

class ExistingVpc extends Stack {
  constructor(scope: Construct, id: string, props: ExistingVpcProps) {
    super(scope, id, props);
    const peeredVpc = ec2.Vpc.fromLookup(this, 'Peer', { vpcId: props.peeredVpcId });

    const vast = new VastDeployment(this, 'Vast', {
      cidr: props.cidr,
      peeredVpc,
      version: VastVersion.of(props.version),
    });

    // Whatever has this security group may talk to the engine: add it to your sensors and to the tools of your analysts.
    const clients = new ec2.SecurityGroup(this, 'Clients', { vpc: peeredVpc, description: 'clients of the VAST server' });
    vast.connections.allowDefaultPortFrom(clients, 'clients in the peered VPC');

    new CfnOutput(this, 'ClientSecurityGroup', { value: clients.securityGroupId });
    new CfnOutput(this, 'Endpoint', { value: `${vast.serverHostname}:${vast.serverPort}` });
    // With this, the VPC's id, the server's name can be made known in the peered VPC: see the README.
    new CfnOutput(this, 'VastVpc', { value: vast.vpc.vpcId });
  }
}

const app = new App();
const context = (name: string) => app.node.tryGetContext(name);
new ExistingVpc(app, 'VastExistingVpc', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
  peeredVpcId: context('peeredVpcId'),
  cidr: context('cidr') ?? '172.31.48.0/24',
  version: context('version') ?? 'v3.1.0',
});
