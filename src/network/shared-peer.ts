import { Annotations } from 'aws-cdk-lib';
import type { VastPeering } from './vast-peering';
import { cidrsOverlap, parseCidr } from '../cidr/cidr';

/** Refuses, or warns of, what a deployment must not have in common with another one behind the same peer. */
export function checkSharedPeer(ours: VastPeering, theirs: VastPeering) {
  const [deployment, other] = [ours, theirs].map(({ node }) => node.scope!);
  if (cidrsOverlap(parseCidr(ours.cidr)!, parseCidr(theirs.cidr)!) && mayShareTables(ours.peer.routeTableIds, theirs.peer.routeTableIds)) {
    deployment.node.addValidation({
      validate: () => [
        `cidr '${ours.cidr}' overlaps with '${theirs.cidr}' of ${other.node.path}, which is peered with the same VPC: `
        + 'no route table there can reach both; give another range, or route tables of their own (peering.routeTableIds)',
      ],
    });
  }
  if (ours.namespaceName.toLowerCase() === theirs.namespaceName.toLowerCase()) {
    Annotations.of(deployment).addWarningV2('cdk-vast:sharedNamespace',
      `the namespace '${ours.namespaceName}' of ${deployment.node.path} is also that of ${other.node.path}, which is peered with the same VPC: `
      + 'a VPC resolves only one of several namespaces of the same name; give one of them another namespaceName');
  }
}

/** False where the tables are known to be others: each of them then reaches one of the deployments. */
function mayShareTables(ours: string[], theirs: string[]): boolean {
  return ours.length === 0 || theirs.length === 0 || ours.some(table => theirs.includes(table));
}
