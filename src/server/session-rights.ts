import { ArnFormat, aws_ecs as ecs, aws_iam as iam, aws_logs as logs } from 'aws-cdk-lib';

/** Lets tasks encrypt their sessions of ECS Exec with the key of their cluster; the tasks of a service get that from CDK. */
export function grantSessionKey(role: iam.IRole, cluster: ecs.ICluster) {
  cluster.executeCommandConfiguration?.kmsKey?.grant(role, 'kms:Decrypt');
}

/**
 * Lets tasks record their sessions of ECS Exec where their cluster says.
 *
 * Nothing is recorded in the cluster that the deployment makes. Any other records sessions, unless it is told not to: without
 * a destination of its own, to the log group of the task's container. Whoever writes to a bucket needs its key; that of a log
 * group is used by CloudWatch Logs itself.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html#ecs-exec-logging
 */
export function grantSessionRecords(role: iam.IRole, cluster: ecs.ICluster, containerLogs: logs.ILogGroup) {
  const { logging = ecs.ExecuteCommandLogging.DEFAULT, logConfiguration } = cluster.executeCommandConfiguration ?? {};
  const grant = (actions: string[], ...resources: string[]) => role.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources }));
  const logGroupName = logging === ecs.ExecuteCommandLogging.DEFAULT
    ? containerLogs.logGroupName : logConfiguration?.cloudWatchLogGroup?.logGroupRef.logGroupName;
  if (logging !== ecs.ExecuteCommandLogging.NONE && logGroupName) {
    // AWS gives the first action no resource that is a log group.
    grant(['logs:DescribeLogGroups'], '*');
    grant(['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'], cluster.stack.formatArn({
      service: 'logs', resource: 'log-group', resourceName: `${logGroupName}:*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }));
  }
  const bucket = logConfiguration?.s3Bucket;
  if (logging === ecs.ExecuteCommandLogging.OVERRIDE && bucket) {
    grant(['s3:GetBucketLocation'], '*');
    grant(['s3:PutObject'], bucket.arnForObjects('*'));
    // CDK grants these rights to the tasks of a service, too, but not the key.
    bucket.encryptionKey?.grant(role, 'kms:Decrypt', 'kms:GenerateDataKey');
    if (logConfiguration.s3EncryptionEnabled) {
      grant(['s3:GetEncryptionConfiguration'], bucket.bucketArn);
    }
  }
}
