import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { DRAIN_HANDLER } from '../../src/server/task-drain-handler';

const OURS = 'subnet-0aa';
const ENDED = { desiredStatus: 'STOPPED', lastStatus: 'STOPPED' };
const PROPERTIES = { ClusterName: 'old', ServiceLogicalId: 'Service', Families: ['Server', 'Extra'], SubnetId: OURS };

interface Task {
  readonly taskArn: string;
  readonly family: string;
  readonly subnet?: string;
  readonly group?: string;
  desiredStatus: string;
  lastStatus: string;
  /** Whether ECS lists it in this look; always by default. */
  readonly listed?: (look: number) => boolean;
  /** From this look on ECS describes it; from the first one by default. */
  readonly describedFrom?: number;
  /** With this look it has ended; only by StopTask by default. */
  readonly endsWith?: number;
}

/** An ECS and a CloudFormation of one cluster and one stack, and the place for answers. */
class Aws {
  public readonly calls: { action: string; [name: string]: unknown }[] = [];
  public readonly answers: { Status: string; Reason?: string; PhysicalResourceId: string }[] = [];
  /** Errors that the next calls end with. */
  public readonly failures: string[] = [];
  /** Errors that the next calls of StopTask end with. */
  public readonly refused: string[] = [];
  public desiredCount = 1;
  private look = 0;

  private readonly server: Server;

  constructor(public readonly tasks: Task[], private readonly serviceArn = '') {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (request.method === 'PUT') {
          response.statusCode = Buffer.byteLength(text) > 4096 ? 400 : 200;
          this.answers.push(JSON.parse(text) as Aws['answers'][number]);
          response.end();
          return;
        }
        const target = request.headers['x-amz-target'] as string | undefined;
        const failure = (target?.endsWith('.StopTask') && this.refused.shift()) || this.failures.shift();
        response.statusCode = failure ? 400 : 200;
        response.end(failure ? JSON.stringify({ __type: failure, message: failure })
          : target ? JSON.stringify(this.ecs(target.split('.').pop()!, JSON.parse(text))) : this.cloudFormation(new URLSearchParams(text)));
      });
    });
  }

  public async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async close() {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- requests of every shape
  private ecs(action: string, request: any): object {
    this.calls.push({ action, ...request });
    switch (action) {
      case 'ListTasks':
        if (request.family === PROPERTIES.Families[0] && request.desiredStatus === 'RUNNING') {
          this.look += request.nextToken ? 0 : 1;
          this.tasks.filter(({ endsWith = Infinity }) => endsWith <= this.look).forEach(task => Object.assign(task, ENDED));
        }
        const arns = this.tasks.filter(({ family, desiredStatus, listed = () => true }) =>
          family === request.family && desiredStatus === request.desiredStatus && listed(this.look)).map(({ taskArn }) => taskArn);
        const from = Number(request.nextToken ?? 0);
        return { taskArns: arns.slice(from, from + 100), ...arns.length > from + 100 && { nextToken: String(from + 100) } };
      case 'DescribeTasks': return {
        tasks: this.tasks.filter(({ taskArn, describedFrom = 0 }) => request.tasks.includes(taskArn) && describedFrom <= this.look)
          .map(({ subnet, ...task }) => ({ ...task, attachments: subnet ? [{ details: [{ name: 'subnetId', value: subnet }] }] : [] })),
      };
      case 'StopTask': {
        const task = this.tasks.find(({ taskArn }) => taskArn === request.task)!;
        task.desiredStatus = 'STOPPED';
        // It takes one more look until it has ended.
        task.lastStatus = task.lastStatus === 'RUNNING' ? 'STOPPED' : 'RUNNING';
        return {};
      }
      case 'UpdateService': this.desiredCount = request.desiredCount; return {};
      default: return { services: [{ desiredCount: this.desiredCount, runningCount: 0, pendingCount: 0 }] };
    }
  }

  private cloudFormation(request: URLSearchParams): string {
    this.calls.push({ action: request.get('Action')!, stack: request.get('StackName'), resource: request.get('LogicalResourceId') });
    return '<DescribeStackResourceResponse><DescribeStackResourceResult><StackResourceDetail>'
      + `<PhysicalResourceId>${this.serviceArn}</PhysicalResourceId></StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>`;
  }
}

/** Calls the handler, whose pauses take no time here. */
async function handle(aws: Aws, event: object, remaining = 600_000) {
  const url = await aws.open();
  Object.assign(process.env, { AWS_ENDPOINT_URL: url, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' });
  const exported: { handler?: (event: object, context: object) => Promise<void> } = {};
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- as Lambda does with inline code
  new Function('require', 'exports', 'setTimeout', 'console', DRAIN_HANDLER)(require, exported, setImmediate, { error: () => undefined });
  try {
    await exported.handler!({
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Drain',
      PhysicalResourceId: 'Drain',
      ResponseURL: `${url}/answer`,
      ResourceProperties: PROPERTIES,
      ...event,
    }, { getRemainingTimeInMillis: () => remaining });
  } finally {
    await aws.close();
  }
  expect(aws.answers).toHaveLength(1);
  expect(aws.answers[0]).toMatchObject({ PhysicalResourceId: 'Drain', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Drain' });
  return aws.answers[0];
}

const ARN = 'arn:aws:ecs:eu-west-1:111111111111:service/old/name';
const actions = ({ calls }: Aws) => [...new Set(calls.map(({ action }) => action))];
const server = (task: Partial<Task> = {}): Task => ({ taskArn: 'server', family: 'Server', subnet: OURS, group: 'service:name', desiredStatus: 'STOPPED', lastStatus: 'STOPPED', ...task });
const oneOff = (task: Partial<Task> = {}): Task => ({ taskArn: 'one-off', family: 'Extra', subnet: OURS, group: 'family:Extra', desiredStatus: 'RUNNING', lastStatus: 'RUNNING', ...task });

describe('when the deployment is deleted', () => {
  test('one-off tasks are stopped, and waited for', async () => {
    const aws = new Aws([server(), oneOff()]);
    expect(await handle(aws, { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.calls.filter(({ action }) => action === 'StopTask')).toEqual([expect.objectContaining({ cluster: 'old', task: 'one-off' })]);
    expect(actions(aws)).not.toContain('UpdateService');
  });

  test('a task that is still stopping is named when the time is over', async () => {
    const answer = await handle(new Aws([server({ lastStatus: 'DEACTIVATING' })]), { RequestType: 'Delete' }, 10_000);
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: 'not stopped in time, in the cluster old: server' });
  });

  test('a task that ECS lists late is stopped, too', async () => {
    const late = oneOff({ listed: look => look > 2 });
    expect(await handle(new Aws([late]), { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
    expect(late).toMatchObject(ENDED);
  });

  test('a task that was seen is waited for although neither list has it, as on its way from one to the other', async () => {
    const moving = server({ lastStatus: 'DEACTIVATING', listed: look => look === 1, endsWith: 8 });
    expect(await handle(new Aws([moving]), { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
    expect(moving).toMatchObject(ENDED);
  });

  test('a task that is listed, and not described yet, is waited for', async () => {
    const fresh = oneOff({ describedFrom: 6 });
    expect(await handle(new Aws([fresh]), { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
    expect(fresh).toMatchObject(ENDED);
  });

  test('more ended tasks than ECS describes at once are no obstacle', async () => {
    const aws = new Aws(Array.from({ length: 250 }, (_, index) => server({ taskArn: `server${index}` })));
    expect(await handle(aws, { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
    expect(Math.max(...aws.calls.filter(({ action }) => action === 'DescribeTasks').map(({ tasks }) => (tasks as string[]).length))).toBeLessThanOrEqual(100);
  });

  test('an answer with many tasks is as short as CloudFormation takes it', async () => {
    const names = Array.from({ length: 90 }, (_, index) => `arn:aws:ecs:eu-west-1:111111111111:task/old/${index}`);
    const answer = await handle(new Aws(names.map(taskArn => server({ taskArn, lastStatus: 'DEACTIVATING' }))), { RequestType: 'Delete' }, 10_000);
    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('not stopped in time') });
  });

  test('a task that has ended by itself just before it is stopped is no failure', async () => {
    const aws = new Aws([oneOff({ endsWith: 2 })]);
    aws.refused.push('InvalidParameterException');
    expect(await handle(aws, { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('a task of the same family in another subnet is another deployment\'s', async () => {
    const aws = new Aws([oneOff({ subnet: 'subnet-0bb' })]);
    expect(await handle(aws, { RequestType: 'Delete' }, 10_000)).toMatchObject({ Status: 'SUCCESS' });
    expect(actions(aws)).not.toContain('StopTask');
  });

  test('a task that does not say its subnet yet is waited for, not stopped', async () => {
    const aws = new Aws([oneOff({ subnet: undefined })]);
    expect(await handle(aws, { RequestType: 'Delete' }, 10_000)).toMatchObject({ Status: 'FAILED' });
    expect(actions(aws)).not.toContain('StopTask');
  });

  test('a cluster that is gone has no tasks', async () => {
    const aws = new Aws([oneOff()]);
    aws.failures.push('ClusterNotFoundException');
    expect(await handle(aws, { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('permissions that are not known everywhere yet are waited for', async () => {
    const aws = new Aws([]);
    aws.failures.push('AccessDeniedException');
    expect(await handle(aws, { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('any other failure is CloudFormation\'s to show', async () => {
    const aws = new Aws([]);
    aws.failures.push('InvalidParameterException');
    expect(await handle(aws, { RequestType: 'Delete' })).toMatchObject({ Status: 'FAILED', Reason: 'InvalidParameterException' });
  });
});

describe('when it is updated', () => {
  const update = (ClusterName: string, before: string) => ({
    RequestType: 'Update', ResourceProperties: { ...PROPERTIES, ClusterName }, OldResourceProperties: { ...PROPERTIES, ClusterName: before },
  });

  test('and the cluster stays, nothing is asked', async () => {
    const aws = new Aws([oneOff()], ARN);
    expect(await handle(aws, update('old', 'old'))).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.calls).toEqual([]);
  });

  test('with another cluster, the service that is about to be replaced is stopped, in the old cluster', async () => {
    const aws = new Aws([server(), oneOff()], ARN);
    expect(await handle(aws, update('new', 'old'))).toMatchObject({ Status: 'SUCCESS' });
    expect(aws.calls[0]).toEqual({ action: 'DescribeStackResource', stack: 'stack', resource: 'Service' });
    expect(aws.calls.slice(1).map(({ cluster }) => cluster)).toEqual(aws.calls.slice(1).map(() => 'old'));
    expect(aws.calls.filter(({ action }) => action === 'UpdateService')).toEqual([expect.objectContaining({ service: 'name', desiredCount: 0 })]);
    expect(aws.calls.filter(({ action }) => action === 'StopTask')).toHaveLength(1);
  });

  test('with another subnet and other families, too, the tasks of the old ones are stopped', async () => {
    const old = oneOff();
    const aws = new Aws([old, oneOff({ taskArn: 'theirs', subnet: 'subnet-0bb' })], ARN);
    const { OldResourceProperties } = update('new', 'old');
    const ResourceProperties = { ClusterName: 'new', ServiceLogicalId: 'Service', Families: ['NewServer', 'NewExtra'], SubnetId: 'subnet-0bb' };
    expect(await handle(aws, { RequestType: 'Update', ResourceProperties, OldResourceProperties })).toMatchObject({ Status: 'SUCCESS' });
    expect(old).toMatchObject(ENDED);
    expect(aws.calls.filter(({ action }) => action === 'StopTask').map(({ task }) => task)).not.toContain('theirs');
  });

  test('and rolled back to the cluster that the service is in, it is left alone', async () => {
    const aws = new Aws([server({ desiredStatus: 'RUNNING', lastStatus: 'RUNNING' })], ARN);
    expect(await handle(aws, update('old', 'new'))).toMatchObject({ Status: 'SUCCESS' });
    expect(actions(aws)).toEqual(['DescribeStackResource']);
  });
});

test('a first deployment asks for nothing, since the rights may not be known everywhere yet', async () => {
  const aws = new Aws([]);
  expect(await handle(aws, { RequestType: 'Create' })).toMatchObject({ Status: 'SUCCESS' });
  expect(aws.calls).toEqual([]);
});

test('the program is as short as inline code has to be', () => {
  expect(DRAIN_HANDLER.length).toBeLessThanOrEqual(4096);
});
