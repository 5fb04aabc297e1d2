import { EcsCalls, TaskFilter, unlessGone } from './ecs-calls';
import type { EcsService, EcsTask } from './ecs-words';

/** The state of the watched tasks at one time. */
export interface TaskLook {
  /** Tasks that have not ended: their last status is not STOPPED yet. Oldest first. */
  readonly alive: EcsTask[];

  /** Tasks that have ended since they were first seen, or that ECS still lists. Oldest first. */
  readonly ended: EcsTask[];

  /** The number of new tasks that ECS lists, but does not describe yet, or whose owner it does not tell yet. */
  readonly unknown: number;
}

/**
 * Follows tasks over time.
 *
 * ECS's list lags behind, and a task that was told to stop leaves the list of running ones long before its container has
 * ended. So a task that was seen once is described at each look until it has ended.
 */
export class TaskWatch {
  private readonly alive = new Set<string>();
  private readonly ended = new Map<string, EcsTask>();
  private readonly others = new Set<string>();

  /**
   * @param isOwn whether a listed task is one of those to follow; undefined where that cannot be told yet
   * @param list lists the tasks of one filter
   */
  public constructor(
    private readonly ecs: EcsCalls,
    private readonly filters: TaskFilter[],
    private readonly isOwn: (task: EcsTask) => boolean | undefined = () => true,
    private readonly list: EcsCalls['listTasks'] = (filter, signal) => ecs.listTasks(filter, signal),
  ) {}

  /** Lists and describes the tasks once. */
  public async look(signal?: AbortSignal): Promise<TaskLook> {
    const listed = new Set((await Promise.all(this.filters.map(filter => this.list(filter, signal)))).flat());
    const asked = [...new Set([...listed, ...this.alive])].filter(arn => !this.ended.has(arn) && !this.others.has(arn));
    const described = this.own(await this.ecs.describeTasks(asked, signal));
    this.alive.clear();
    for (const task of described) {
      if (task.lastStatus === 'STOPPED') {
        this.ended.set(task.taskArn!, task);
      } else {
        this.alive.add(task.taskArn!);
      }
    }
    const unknown = asked.filter(arn => listed.has(arn) && ![this.alive, this.ended, this.others].some(known => known.has(arn)));
    unknown.forEach(arn => this.alive.add(arn));
    return {
      alive: described.filter(({ lastStatus }) => lastStatus !== 'STOPPED').sort(byAge),
      ended: [...this.ended.values()].sort(byAge),
      unknown: unknown.length,
    };
  }

  /** Leaves out tasks of others, and ended ones of which ECS does not say whose they were; neither is asked for again. */
  private own(tasks: EcsTask[]): EcsTask[] {
    return tasks.filter(task => {
      const own = this.isOwn(task);
      if (own === false || (own === undefined && task.lastStatus === 'STOPPED')) {
        this.others.add(task.taskArn!);
      }
      return own;
    });
  }
}

/** Describes the service and its tasks at one time. No call is under way any more when this fails. */
export async function lookAtService(ecs: EcsCalls, watch: TaskWatch, signal?: AbortSignal): Promise<[EcsService, TaskLook]> {
  return bothSettled(ecs.service(signal), watch.look(signal));
}

/** Like `lookAtService`; a service that is gone wants no task, and a cluster that is gone has none. */
export async function lookAtServiceIfAny(ecs: EcsCalls, watch: TaskWatch, signal?: AbortSignal): Promise<[EcsService, TaskLook]> {
  const [service = {}, look] = await bothSettled(ecs.serviceIfAny(signal), unlessGone(watch.look(signal), { alive: [], ended: [], unknown: 0 }));
  return [service, look];
}

async function bothSettled<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [service, look] = await Promise.allSettled([first, second]);
  if (service.status === 'rejected') {
    throw service.reason;
  } else if (look.status === 'rejected') {
    throw look.reason;
  }
  return [service.value, look.value];
}

function byAge(a: EcsTask, b: EcsTask): number {
  return (a.createdAt?.getTime() ?? 0) - (b.createdAt?.getTime() ?? 0);
}
