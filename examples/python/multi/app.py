import aws_cdk as cdk
from cdk_vast import VastDeployment, VastStorage, VastVersion
from constructs import Construct


class Multi(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, version: str) -> None:
        super().__init__(scope, construct_id)
        engine = VastVersion.of(version)

        # Each has a VPC, a server and a client of its own; nothing of one reaches the other.
        production = VastDeployment(self, "Production", cidr="172.31.48.0/24", version=engine)
        VastDeployment(
            self, "Staging",
            cidr="172.31.49.0/24",
            version=engine,
            # They may share what costs nothing: the cluster.
            cluster=production.cluster,
            storage=VastStorage.attached(),
            # Nothing runs, and only the NAT gateway costs, until somebody starts it.
            auto_start=False,
        )


app = cdk.App()
Multi(app, "VastMulti", version=app.node.try_get_context("version") or "v3.1.0")
app.synth()
