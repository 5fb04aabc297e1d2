import os

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from cdk_vast import VastDeployment, VastVersion
from constructs import Construct


class Quickstart(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, cidr: str, peered_vpc_id: str, version: str,
                 remove_data: bool, env: cdk.Environment) -> None:
        super().__init__(scope, construct_id, env=env)
        peered_vpc = ec2.Vpc.from_lookup(self, "Peer", vpc_id=peered_vpc_id)

        vast = VastDeployment(
            self, "Vast",
            cidr=cidr,
            peered_vpc=peered_vpc,
            version=VastVersion.of(version),
            # Without this the database outlives the stack, which is what you want outside of a trial.
            removal_policy=cdk.RemovalPolicy.DESTROY if remove_data else None,
        )

        # Peering gives routes; this gives access to what runs in the peered VPC.
        vast.connections.allow_default_port_from(ec2.Peer.ipv4(peered_vpc.vpc_cidr_block), "clients in the peered VPC")


app = cdk.App()
Quickstart(
    app, "VastQuickstart",
    # Looking a VPC up takes an account and a region; the CDK CLI fills in those of your credentials.
    env=cdk.Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=os.environ.get("CDK_DEFAULT_REGION")),
    peered_vpc_id=app.node.try_get_context("peeredVpcId"),
    cidr=app.node.try_get_context("cidr") or "172.31.48.0/24",
    version=app.node.try_get_context("version") or "v3.1.0",
    remove_data=app.node.try_get_context("removeData") == "true",
)
app.synth()
