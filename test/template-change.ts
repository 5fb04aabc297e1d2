import { diffTemplate, ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { IConstruct } from 'constructs';
import { SynthesizedDeployment } from './synthesized-deployment';

/** What becomes of the server when a deployment is changed, as docs/operations.md calls it. */
export enum Change {
  GOES_ON = 'goes on',
  RESTART = 'restart',
  STOPPED_FIRST = 'stopped first',
  REFUSED = 'refused',
}

/**
 * What cannot be replaced, since CloudFormation makes the new one first: a file system has mount targets in one VPC at a
 * time, and subnets of a VPC must not overlap.
 */
const NEVER_REPLACED = ['EC2::VPC', 'EC2::Subnet'];

/** What CloudFormation makes of two templates, by its own record of what a change of each property takes. */
export class TemplateChange {
  private readonly resources: { readonly [logicalId: string]: ResourceDifference };

  constructor(before: SynthesizedDeployment, private readonly after: SynthesizedDeployment) {
    this.resources = diffTemplate(before.template.toJSON(), after.template.toJSON()).resources.changes;
  }

  /** The types of the resources that are created anew; `old` ones are deleted afterwards. */
  get replaced(): string[] {
    return this.types(isReplacement);
  }

  get server(): Change {
    const { deployment } = this.after;
    if (this.replaced.some(type => NEVER_REPLACED.includes(type)) || this.connectsTheSameAgain) {
      return Change.REFUSED;
    }
    const service = this.resourceOf(deployment.service);
    if (service?.changeImpact === ResourceImpact.WILL_REPLACE) {
      return Change.STOPPED_FIRST;
    }
    // ECS starts another task for every property but this, and where one refers to what is another thing now.
    const updates = Object.entries(service?.propertyUpdates ?? {}).filter(([name, { isDifferent }]) => isDifferent && name !== 'DesiredCount');
    const { Properties: properties } = this.after.resourceOf(deployment.service);
    const others = Object.keys(this.resources).filter(id => isReplacement(this.resources[id]) && JSON.stringify(properties).includes(`"${id}"`));
    return [...updates, ...others].length > 0 ? Change.RESTART : Change.GOES_ON;
  }

  /** Two VPCs have one peering connection at a time. */
  private get connectsTheSameAgain(): boolean {
    return Object.values(this.resources).some(({ resourceType, changeImpact, propertyUpdates }) => resourceType === 'AWS::EC2::VPCPeeringConnection'
      && changeImpact === ResourceImpact.WILL_REPLACE && !('PeerVpcId' in propertyUpdates));
  }

  private resourceOf(construct: IConstruct): ResourceDifference | undefined {
    return this.resources[this.after.resourceOf(construct).logicalId];
  }

  private types(which: (change: ResourceDifference) => boolean): string[] {
    return [...new Set(Object.values(this.resources).filter(which).map(({ resourceType }) => resourceType!.replace('AWS::', '')))].sort();
  }
}

function isReplacement({ changeImpact }: ResourceDifference): boolean {
  return [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE].includes(changeImpact);
}
