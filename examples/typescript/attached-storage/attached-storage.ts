import { App, Stack, StackProps } from 'aws-cdk-lib';
import { VastDeployment, VastStorage, VastVersion } from 'cdk-vast';
import { Construct } from 'constructs';

interface AttachedStorageProps extends StackProps {
  readonly cidr: string;
  readonly version: string;
}

class AttachedStorage extends Stack {
  constructor(scope: Construct, id: string, props: AttachedStorageProps) {
    super(scope, id, props);
    new VastDeployment(this, 'Vast', {
      cidr: props.cidr,
      version: VastVersion.of(props.version),
      // The disk of the task: faster than EFS, and empty again after each restart.
      storage: VastStorage.attached({ sizeGiB: 50 }),
    });
  }
}

const app = new App();
const context = (name: string) => app.node.tryGetContext(name);
new AttachedStorage(app, 'VastAttachedStorage', {
  cidr: context('cidr') ?? '172.31.48.0/24',
  version: context('version') ?? 'v3.1.0',
});
