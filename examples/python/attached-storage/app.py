import aws_cdk as cdk
from cdk_vast import VastDeployment, VastStorage, VastVersion
from constructs import Construct


class AttachedStorage(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, cidr: str, version: str) -> None:
        super().__init__(scope, construct_id)
        VastDeployment(
            self, "Vast",
            cidr=cidr,
            version=VastVersion.of(version),
            # The disk of the task: faster than EFS, and empty again after each restart.
            storage=VastStorage.attached(size_gib=50),
        )


app = cdk.App()
AttachedStorage(
    app, "VastAttachedStorage",
    cidr=app.node.try_get_context("cidr") or "172.31.48.0/24",
    version=app.node.try_get_context("version") or "v3.1.0",
)
app.synth()
