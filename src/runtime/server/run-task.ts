import { randomUUID } from 'node:crypto';
import { InvalidInputError, NotInDeploymentError } from '../errors';
import { changesFor, waitFor, WaitOptions } from '../waiting';
import { EcsCalls } from './ecs-calls';
import type { EcsTask } from './ecs-words';
import { RunTaskFailedError } from './errors';
import { shellCommand } from './shell-words';
import { DEFAULT_EXTRA_CONTAINER, describeStop, describeTask, familyOf, TaskDescription, taskIdOf } from './task-description';
import { failureLog, failureReason, taskFailure } from './task-failure';
import { TaskWatch } from './task-watch';

/** What `runTask` waits for. */
export enum RunTaskWait {
  /** Its container runs, so that a shell can be opened in it; or it has run already. */
  RUNNING = 'running',

  /** It has ended by itself. Its exit code is in `stop.exitCode`. */
  STOPPED = 'stopped',
}

/** An extra task, and how it is waited for. */
export interface RunTaskOptions extends WaitOptions {
  /**
   * A program with its arguments, each handed on as it is; or a script for the shell.
   *
   * @default - it idles for an hour, for a look around
   */
  readonly command?: readonly string[] | string;

  /**
   * Environment variables, besides those of the task definition.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };

  /**
   * What is waited for.
   *
   * @default - nothing: ECS has made the task, and that is all
   */
  readonly wait?: RunTaskWait;
}

/** Marks what was run from here. */
const STARTED_BY = 'cdk-vast';

/** ECS's limit for the JSON of what is overridden, in characters. */
const MOST_OVERRIDES = 8192;

/** Runs an extra task beside the server, once, however often the call has to be made. */
export async function runTask(ecs: EcsCalls, options: RunTaskOptions): Promise<TaskDescription> {
  const { deployment } = ecs;
  const { extraTaskDefinitionArn, extraTaskSecurityGroupId = deployment.securityGroupId } = deployment;
  const { extraTaskContainerName = DEFAULT_EXTRA_CONTAINER } = deployment;
  if (!extraTaskDefinitionArn) {
    throw new NotInDeploymentError(`the deployment ${deployment.name} has no task definition for extra tasks: deploy it with the version of cdk-vast that is installed here`);
  }
  const override = overrideOf(options);
  const { tasks: [task] = [], failures = [] } = await ecs.runTask({
    taskDefinition: extraTaskDefinitionArn,
    clientToken: randomUUID(),
    count: 1,
    launchType: 'FARGATE',
    enableExecuteCommand: true,
    startedBy: STARTED_BY,
    // So it is found and billed with its stack.
    propagateTags: 'TASK_DEFINITION',
    enableECSManagedTags: true,
    networkConfiguration: {
      awsvpcConfiguration: { subnets: [deployment.subnetId], securityGroups: [extraTaskSecurityGroupId], assignPublicIp: 'DISABLED' },
    },
    ...override && { overrides: { containerOverrides: [{ name: extraTaskContainerName, ...override }] } },
  }, options.signal);
  if (!task) {
    throw new RunTaskFailedError(`ECS has not made the extra task: ${failures.map(({ reason, detail }) => [reason, detail].filter(Boolean).join(': ')).join('; ')
      || 'it gives no reason'}. Where capacity is missing, try again later`);
  }
  return describeTask(options.wait ? await settled(ecs, task, options.wait, options) : task, deployment);
}

/** What is different from the task definition; undefined where nothing is. */
function overrideOf({ command, environment = {} }: RunTaskOptions) {
  const problems = Object.keys(environment).filter(name => !/^[A-Za-z_]\w*$/.test(name)).map(name => `'${name}' is not the name of a variable`);
  const script = typeof command === 'string' || command === undefined ? command : shellCommand(command);
  if (script?.trim() === '') {
    problems.push('the command is empty: leave it out, or give one');
  }
  const variables = Object.entries(environment).map(([name, value]) => ({ name, value }));
  const override = { ...script !== undefined && { command: [script] }, ...variables.length > 0 && { environment: variables } };
  const size = JSON.stringify(override).length;
  if (size > MOST_OVERRIDES) {
    problems.push(`command and environment take ${size} characters of JSON, and ECS takes ${MOST_OVERRIDES}: put the script into S3 and fetch it`);
  }
  if (problems.length > 0) {
    throw new InvalidInputError(`the extra task cannot be run: ${problems.join('; ')}`);
  }
  return Object.keys(override).length > 0 ? override : undefined;
}

/** The task when it is where it was waited for; a task that never ran has failed. */
async function settled(ecs: EcsCalls, { taskArn, taskDefinitionArn }: EcsTask, wait: RunTaskWait, options: WaitOptions): Promise<EcsTask> {
  const watch = new TaskWatch(ecs, [{ family: familyOf(taskDefinitionArn!) }]);
  const tell = changesFor(options);
  let last = 'ECS has made it';
  const task = await waitFor(`the extra task ${taskIdOf(taskArn!)} to be ${wait}`, options, async (signal) => {
    const { alive, ended } = await watch.look(signal);
    const seen = [...alive, ...ended].find(candidate => candidate.taskArn === taskArn);
    if (seen) {
      tell(last = `task ${taskIdOf(taskArn!)}: ${seen.lastStatus}`);
    }
    return seen?.lastStatus === 'STOPPED' || (wait === RunTaskWait.RUNNING && seen?.lastStatus === 'RUNNING') ? seen : undefined;
  }, () => `: ${last}. It goes on`);
  if (describeStop(task, ecs.deployment).stopCode === 'TaskFailedToStart') {
    const failure = await taskFailure(ecs, task);
    throw new RunTaskFailedError(`the extra task ${taskIdOf(taskArn!)} did not come to life: ${failureReason(failure)}. `
      + `Put right what the reason names, and run it again${failureLog(failure)}`, failure);
  }
  return task;
}
