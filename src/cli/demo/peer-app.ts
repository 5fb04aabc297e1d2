import { App, aws_ec2 as ec2, CfnOutput, Stack } from 'aws-cdk-lib';

/** The VPC that the demo peers with: what a user has already. */
const app = new App();
const stack = new Stack(app, 'DemoPeer', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
const vpc = new ec2.Vpc(stack, 'Vpc', {
  ipAddresses: ec2.IpAddresses.cidr('10.42.0.0/16'),
  maxAzs: 1,
  natGateways: 0,
  subnetConfiguration: [{ name: 'Clients', subnetType: ec2.SubnetType.PUBLIC }],
  restrictDefaultSecurityGroup: false,
});
new CfnOutput(stack, 'VpcId', { value: vpc.vpcId });
