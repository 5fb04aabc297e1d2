/**
 * The program of the function behind `TaskDrain`, as inline code: AWS takes 4096 characters of it, and its runtime has
 * the SDK.
 *
 * - Create: nothing. The service does not exist yet.
 * - Update: a service that CloudFormation is about to replace, because its cluster changes, is scaled to zero, and its
 *   tasks are waited for: the new service is created before the old one is deleted, and the database has one writer.
 * - Delete: the service is deleted by then, which ECS calls done while a task is still stopping. One-off tasks are
 *   stopped, and all tasks waited for.
 *
 * A family may be in use by another stack in the same cluster: a task counts if it is in the deployment's subnet, which a
 * task that is only just starting does not say yet.
 */
export const DRAIN_HANDLER = String.raw`
const { ECS } = require('@aws-sdk/client-ecs');
const { CloudFormation } = require('@aws-sdk/client-cloudformation');
const ecs = new ECS();
const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

async function tasksOf(cluster, { Families, SubnetId }) {
  const tasks = [];
  for (const family of Families) {
    for (const desiredStatus of ['RUNNING', 'STOPPED']) {
      let nextToken;
      do {
        const page = await ecs.listTasks({ cluster, family, desiredStatus, nextToken });
        if (page.taskArns.length) tasks.push(...(await ecs.describeTasks({ cluster, tasks: page.taskArns })).tasks);
        nextToken = page.nextToken;
      } while (nextToken);
    }
  }
  return tasks.filter(task => task.lastStatus !== 'STOPPED').map(task => ({
    arn: task.taskArn,
    subnet: task.attachments?.flatMap(({ details }) => details ?? []).find(({ name }) => name === 'subnetId')?.value,
    oneOff: task.desiredStatus !== 'STOPPED' && !task.group?.startsWith('service:'),
  })).filter(({ subnet }) => subnet === undefined || subnet === SubnetId);
}

async function look(cluster, properties, service) {
  if (service) {
    const { services: [{ desiredCount = 0, runningCount = 0, pendingCount = 0 } = {}] } =
      await ecs.describeServices({ cluster, services: [service] });
    if (desiredCount > 0) await ecs.updateService({ cluster, service, desiredCount: 0 });
    if (desiredCount + runningCount + pendingCount > 0) return [service];
  }
  const tasks = await tasksOf(cluster, properties);
  for (const { arn: task, oneOff, subnet } of tasks) {
    if (oneOff && subnet) await ecs.stopTask({ cluster, task, reason: 'the VAST deployment is being replaced or deleted' });
  }
  return tasks.map(({ arn }) => arn);
}

async function drain(cluster, properties, context, service) {
  const began = Date.now();
  for (;;) {
    let left = [];
    try {
      left = await look(cluster, properties, service);
      if (left.length === 0) return;
    } catch (error) {
      if (error.name === 'ClusterNotFoundException') return;
      // New permissions take a while until they are known everywhere.
      if (error.name !== 'AccessDeniedException' || Date.now() - began > 60000) throw error;
    }
    if (context.getRemainingTimeInMillis() < 20000) throw new Error('not stopped in time, in the cluster ' + cluster + ': ' + left.join(', '));
    await pause(2000);
  }
}

async function replacedService({ StackId, ResourceProperties: { ClusterName, ServiceLogicalId } }) {
  const { StackResourceDetail: detail } = await new CloudFormation().describeStackResource({ StackName: StackId, LogicalResourceId: ServiceLogicalId });
  const [cluster, service] = (detail.PhysicalResourceId ?? '').split(':service/').pop().split('/');
  return service && cluster !== ClusterName ? { cluster, service } : undefined;
}

exports.handler = async (event, context) => {
  const { RequestType, ResourceProperties: properties, OldResourceProperties: old } = event;
  const answer = { Status: 'SUCCESS', PhysicalResourceId: event.PhysicalResourceId ?? event.LogicalResourceId };
  try {
    if (RequestType === 'Update' && properties.ClusterName !== old.ClusterName) {
      const replaced = await replacedService(event);
      if (replaced) await drain(replaced.cluster, properties, context, replaced.service);
    } else if (RequestType === 'Delete') {
      await drain(properties.ClusterName, properties, context);
    }
  } catch (error) {
    console.error(error);
    Object.assign(answer, { Status: 'FAILED', Reason: String(error.message ?? error) });
  }
  const { StackId, RequestId, LogicalResourceId } = event;
  const body = Buffer.from(JSON.stringify({ ...answer, StackId, RequestId, LogicalResourceId }));
  for (let attempt = 1; ; attempt++) {
    try {
      const { ok, status } = await fetch(event.ResponseURL, { method: 'PUT', body });
      if (ok) return;
      throw new Error('CloudFormation did not take the answer: ' + status);
    } catch (error) {
      if (attempt === 5) throw error;
      await pause(1000 * attempt);
    }
  }
};
`.trim();
