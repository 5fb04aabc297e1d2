import { aws_ec2 as ec2, CfnOutput, Names, Stack } from 'aws-cdk-lib';
import { DeploymentOutput, OUTPUT_FORM } from './discovery/deployment-output';
import { EXTRA_TASK_CONTAINER } from './server/extra-task';
import { SERVER_CONTAINER } from './server/vast-server';
import type { VastDeployment } from './vast-deployment';

/** The stack that a user deploys by name: nested ones have generated names. */
export function outermostStack(deployment: VastDeployment): Stack {
  let stack = deployment.stack;
  while (stack.nestedStackParent) {
    stack = stack.nestedStackParent;
  }
  return stack;
}

/** Puts out, in the outermost stack, what a tool has to know to operate the deployment. */
export function addDeploymentOutput(deployment: VastDeployment, securityGroup: ec2.ISecurityGroup, fileSystemInStack?: boolean) {
  const stack = outermostStack(deployment);
  const output: DeploymentOutput = {
    cdkVast: OUTPUT_FORM,
    name: deployment.node.path.slice(stack.node.path.length + (stack.node.path ? 1 : 0)),
    region: stack.region,
    clusterName: deployment.clusterName,
    serviceName: deployment.serviceName,
    containerName: SERVER_CONTAINER,
    taskDefinitionArn: deployment.taskDefinition.taskDefinitionArn,
    logGroupName: deployment.logGroup.logGroupName,
    serverHostname: deployment.serverHostname,
    serverPort: deployment.serverPort,
    engineVersion: deployment.version.name,
    clientFunctionName: deployment.clientFunction?.functionName,
    clientLogGroupName: deployment.clientLogGroup?.logGroupName,
    workBucketName: deployment.clientWorkBucket?.bucketName,
    vpcId: deployment.vpc.vpcId,
    subnetId: deployment.vastSubnet.subnetId,
    securityGroupId: securityGroup.securityGroupId,
    extraTaskDefinitionArn: deployment.extraTaskDefinition.taskDefinitionArn,
    extraTaskFamily: deployment.extraTaskDefinition.family,
    extraTaskSecurityGroupId: deployment.extraTaskConnections.securityGroups[0].securityGroupId,
    extraTaskContainerName: EXTRA_TASK_CONTAINER,
    fileSystemId: deployment.fileSystem?.fileSystemId,
    fileSystemInStack,
    accessPointId: deployment.accessPoint?.accessPointId,
  };
  new CfnOutput(stack, `${Names.uniqueResourceName(deployment, { maxLength: 200, separator: '' })}Discovery`, {
    description: 'cdk-vast: what vast-cloud needs to find this deployment',
    value: stack.toJsonString(output),
  });
}
