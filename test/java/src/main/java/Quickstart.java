import io.github.cdkvast.VastDeployment;
import io.github.cdkvast.VastVersion;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ec2.VpcLookupOptions;

/** What examples/typescript/quickstart is, in Java. */
public final class Quickstart {
    public static void main(final String[] args) {
        final App app = new App();
        final Stack stack = new Stack(app, "VastQuickstart", StackProps.builder()
            .env(Environment.builder()
                .account(System.getenv("CDK_DEFAULT_ACCOUNT"))
                .region(System.getenv("CDK_DEFAULT_REGION"))
                .build())
            .build());
        final IVpc peeredVpc = Vpc.fromLookup(stack, "Peer", VpcLookupOptions.builder()
            .vpcId((String) app.getNode().tryGetContext("peeredVpcId"))
            .build());

        final VastDeployment vast = VastDeployment.Builder.create(stack, "Vast")
            .cidr("172.31.48.0/24")
            .peeredVpc(peeredVpc)
            .version(VastVersion.of("v3.1.0"))
            .removalPolicy(RemovalPolicy.DESTROY)
            .build();
        vast.getConnections().allowDefaultPortFrom(Peer.ipv4(peeredVpc.getVpcCidrBlock()), "clients in the peered VPC");
        app.synth();
    }
}
