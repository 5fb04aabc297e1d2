import { App, Stack, StackProps } from 'aws-cdk-lib';
import { VastDeployment, VastStorage, VastVersion } from 'cdk-vast';
import { Construct } from 'constructs';

interface MultiProps extends StackProps {
  readonly version: string;
}

class Multi extends Stack {
  constructor(scope: Construct, id: string, props: MultiProps) {
    super(scope, id, props);
    const version = VastVersion.of(props.version);

    // Each has a VPC, a server and a client of its own; nothing of one reaches the other.
    const production = new VastDeployment(this, 'Production', {
      cidr: '172.31.48.0/24',
      version,
    });
    new VastDeployment(this, 'Staging', {
      cidr: '172.31.49.0/24',
      version,
      // They may share what costs nothing: the cluster.
      cluster: production.cluster,
      storage: VastStorage.attached(),
      // Nothing runs, and only the NAT gateway costs, until somebody starts it.
      autoStart: false,
    });
  }
}

const app = new App();
new Multi(app, 'VastMulti', { version: app.node.tryGetContext('version') ?? 'v3.1.0' });
