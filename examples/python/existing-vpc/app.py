import os

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from cdk_vast import VastDeployment, VastVersion
from constructs import Construct


class ExistingVpc(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, cidr: str, peered_vpc_id: str, version: str,
                 env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        peered_vpc = ec2.Vpc.from_lookup(self, "Peer", vpc_id=peered_vpc_id)

        vast = VastDeployment(
            self, "Vast",
            cidr=cidr,
            peered_vpc=peered_vpc,
            version=VastVersion.of(version),
        )

        # Whatever has this security group may talk to the engine: add it to your sensors and to the tools of your analysts.
        clients = ec2.SecurityGroup(self, "Clients", vpc=peered_vpc, description="clients of the VAST server")
        vast.connections.allow_default_port_from(clients, "clients in the peered VPC")

        cdk.CfnOutput(self, "ClientSecurityGroup", value=clients.security_group_id)
        cdk.CfnOutput(self, "Endpoint", value=f"{vast.server_hostname}:{cdk.Token.as_string(vast.server_port)}")
        # With this, the VPC's id, the server's name can be made known in the peered VPC: see the README.
        cdk.CfnOutput(self, "VastVpc", value=vast.vpc.vpc_id)


app = cdk.App()
ExistingVpc(
    app, "VastExistingVpc",
    env=cdk.Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")),
    peered_vpc_id=app.node.try_get_context("peeredVpcId"),
    cidr=app.node.try_get_context("cidr") or "172.31.48.0/24",
    version=app.node.try_get_context("version") or "v3.1.0",
)
app.synth()
