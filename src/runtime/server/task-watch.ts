import { EcsCalls, TaskFilter } from './ecs-calls';
import type { EcsService, EcsTask } from './ecs-words';

/** What a look at the tasks has shown. */
export interface TaskLook {
  /** Those that have not ended: a task counts until its last status is STOPPED. Oldest first. */
  readonly alive: EcsTask[];

  /** Those that have ended. Oldest first. */
  readonly ended: EcsTask[];

  /** How many are in ECS's list without a description, or without what tells whose they are: they are new. */
  readonly unknown: number;
}

/**
 * Follows tasks over time.
 *
 * ECS's list lags behind, and a task that was told to stop leaves the list of running ones long before its container has
 * ended: so what was seen once is asked for until it has ended.
 */
export class TaskWatch {
  private readonly alive = new Set<string>();
  private readonly ended = new Map<string, EcsTask>();

  private readonly others = new Set<string>();

  /** @param isOwn whether a listed task is meant; undefined where that cannot be told yet */
  public constructor(
    private readonly ecs: EcsCalls,
    private readonly filters: TaskFilter[],
    private readonly isOwn: (task: EcsTask) => boolean | undefined = () => true,
  ) {}

  public async look(signal?: AbortSignal): Promise<TaskLook> {
    const listed = new Set((await Promise.all(this.filters.map(filter => this.ecs.listTasks(filter, signal)))).flat());
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

  /** Those that are meant. What cannot be told of one that has ended is left at that. */
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

/** The service and its tasks at one time. Nothing is under way any more when this fails. */
export async function lookAtService(ecs: EcsCalls, watch: TaskWatch, signal?: AbortSignal): Promise<[EcsService, TaskLook]> {
  const [service, look] = await Promise.allSettled([ecs.service(signal), watch.look(signal)]);
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
