import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_vast import VastClientOptions, VastDeployment, VastVersion
from constructs import Construct


class Tenzir(cdk.Stack):
    def __init__(self, scope: Construct, construct_id: str, *, cidr: str) -> None:
        super().__init__(scope, construct_id)

        # Where the commands of the client find files, and leave them. It outlives the stack.
        work_bucket = s3.Bucket(
            self, "Work",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            enforce_ssl=True,
            lifecycle_rules=[s3.LifecycleRule(expiration=cdk.Duration.days(30))],
        )

        VastDeployment(
            self, "Tenzir",
            cidr=cidr,
            version=VastVersion.V6_20_0,
            cpu=4096,
            memory_limit_mib=8192,
            # What would stand in the engine's configuration file.
            engine_configuration={"tenzir": {"active-partition-timeout": "10 seconds"}},
            client=VastClientOptions(work_bucket=work_bucket),
        )
        cdk.CfnOutput(self, "WorkBucket", value=work_bucket.bucket_name)


app = cdk.App()
Tenzir(app, "Tenzir", cidr=app.node.try_get_context("cidr") or "172.31.48.0/24")
app.synth()
