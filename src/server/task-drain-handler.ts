/**
 * The program of the function behind `TaskDrain`, as inline code: without indentation, so that it keeps within 4096
 * characters, and with the SDK of its runtime.
 *
 * - Create: nothing. The service does not exist yet.
 * - Update: a service that CloudFormation is about to replace, because its cluster changes, is scaled to zero, and its
 *   tasks are waited for: the new service is created before the old one is deleted, and the database has one writer.
 * - Delete: the service is deleted by then, which ECS calls done while a task is still stopping. One-off tasks are
 *   stopped, and all tasks waited for.
 *
 * A family may be in use by another stack in the same cluster: a task counts if it is in the deployment's subnet, which a
 * task that is only just starting does not say yet.
 *
 * ECS's lists lag behind. A task that was seen is described until it has ended, one that is listed as running counts although
 * it is not described yet, and three looks in a row have to find nothing.
 */
export const DRAIN_HANDLER = String.raw`
const { ECS, paginateListTasks } = require('@aws-sdk/client-ecs');
const { CloudFormation } = require('@aws-sdk/client-cloudformation');
const ecs = new ECS();
const pause = ms => new Promise(done => setTimeout(done, ms));

async function stopService(cluster, service) {
  const { services: [{ desiredCount = 0, runningCount = 0, pendingCount = 0 } = {}] } =
    await ecs.describeServices({ cluster, services: [service] });
  if (desiredCount > 0) await ecs.updateService({ cluster, service, desiredCount: 0 });
  return desiredCount + runningCount + pendingCount;
}

async function stopTasks(cluster, { Families, SubnetId }, seen) {
  const arns = new Map(seen.map(arn => [arn]));
  for (const family of Families) {
    for (const desiredStatus of ['RUNNING', 'STOPPED']) {
      for await (const { taskArns } of paginateListTasks({ client: ecs }, { cluster, family, desiredStatus })) {
        taskArns.forEach(arn => arns.set(arn, desiredStatus));
      }
    }
  }
  const left = [];
  const asked = [...arns.keys()];
  while (asked.length) {
    const { tasks } = await ecs.describeTasks({ cluster, tasks: asked.splice(0, 100) });
    for (const { taskArn: task, lastStatus, desiredStatus, group, attachments } of tasks) {
      arns.delete(task);
      const subnet = attachments?.flatMap(({ details }) => details ?? []).find(({ name }) => name === 'subnetId')?.value;
      if (lastStatus === 'STOPPED' || (subnet ?? SubnetId) !== SubnetId) continue;
      left.push(task);
      if (!subnet || desiredStatus === 'STOPPED' || group?.startsWith('service:')) continue;
      await ecs.stopTask({ cluster, task, reason: 'the VAST deployment is being replaced or deleted' }).catch((error) => {
        if (error.name !== 'InvalidParameterException') throw error;
      });
    }
  }
  arns.forEach((status, arn) => status === 'RUNNING' && left.push(arn));
  return left;
}

async function drain({ cluster, service }, properties, context) {
  const began = Date.now();
  let left = [];
  for (let quiet = 0; quiet < 3;) {
    try {
      const counted = service && await stopService(cluster, service);
      left = await stopTasks(cluster, properties, left);
      quiet = counted || left.length ? 0 : quiet + 1;
    } catch (error) {
      if (error.name === 'ClusterNotFoundException') return;
      // New permissions take a while until they are known everywhere.
      if (error.name !== 'AccessDeniedException' || Date.now() - began > 60000) throw error;
      quiet = 0;
    }
    if (!quiet && context.getRemainingTimeInMillis() < 20000) {
      throw new Error('not stopped in time, in the cluster ' + cluster + ': ' + (left.join(', ') || service));
    }
    await pause(2000);
  }
}

async function replacedService({ StackId, ResourceProperties: { ClusterName, ServiceLogicalId } }) {
  const { StackResourceDetail: { PhysicalResourceId = '' } } =
    await new CloudFormation().describeStackResource({ StackName: StackId, LogicalResourceId: ServiceLogicalId });
  const [cluster, service] = PhysicalResourceId.split(':service/').pop().split('/');
  return service && cluster !== ClusterName ? { cluster, service } : undefined;
}

exports.handler = async (event, context) => {
  const { StackId, RequestId, LogicalResourceId, PhysicalResourceId = LogicalResourceId } = event;
  const { RequestType, ResourceProperties: properties, OldResourceProperties: old } = event;
  const answer = { Status: 'SUCCESS', StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  try {
    if (RequestType === 'Delete') await drain({ cluster: properties.ClusterName }, properties, context);
    if (RequestType === 'Update' && properties.ClusterName !== old.ClusterName) {
      const replaced = await replacedService(event);
      if (replaced) await drain(replaced, old, context);
    }
  } catch (error) {
    console.error(error);
    Object.assign(answer, { Status: 'FAILED', Reason: String(error.message ?? error).slice(0, 999) });
  }
  const body = Buffer.from(JSON.stringify(answer));
  for (let attempt = 1; ; attempt++) {
    const problem = await fetch(event.ResponseURL, { method: 'PUT', body }).then(({ ok, status }) => !ok && 'HTTP ' + status, String);
    if (!problem) return;
    if (attempt === 5) throw new Error(problem);
    await pause(1000 * attempt);
  }
};
`.trim().replace(/^ +/gm, '');
