import { FakeService, FaultError } from '../fake-aws';

/** A step in a task's life; the clock of the fake ticks with every look at the service. */
export interface Step {
  readonly lastStatus: string;
  readonly healthStatus?: string;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly exitCode?: number;
}

/** How tasks live that nobody stops. */
export const LIFE = {
  good: [{ lastStatus: 'PROVISIONING' }, { lastStatus: 'PENDING' }, { lastStatus: 'RUNNING' }, { lastStatus: 'RUNNING', healthStatus: 'HEALTHY' }],
  badImage: [{ lastStatus: 'PENDING' }, {
    lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: pull image manifest has been retried 1 time(s)',
  }],
  crash: [{ lastStatus: 'PENDING' }, { lastStatus: 'RUNNING' }, {
    lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', exitCode: 3,
  }],
  deaf: [{ lastStatus: 'RUNNING' }, {
    lastStatus: 'STOPPED', stopCode: 'ServiceSchedulerInitiated', stoppedReason: 'Task failed container health checks', exitCode: 143,
  }],
  slow: [{ lastStatus: 'PROVISIONING' }],
} satisfies Record<string, Step[]>;

export interface FakeTask extends Step {
  taskArn: string;
  group: string;
  taskDefinitionArn: string;
  desiredStatus: string;
  createdAt: number;
  startedBy?: string;
  startedAt?: number;
  stoppedAt?: number;
  /** What it does from now on, with each tick. */
  life: Step[];
  /** So many ticks it takes until its container has ended, once it is told to. */
  linger: number;
  enableExecuteCommand?: boolean;
  attachments?: { details: { name: string; value: string }[] }[];
  /** What the agent of ECS Exec is; it is as its task where that is not said. */
  agent?: string;
  agentReason?: string;
  /** Another container, which ECS lists first. */
  sidecar?: { readonly lastStatus?: string; readonly healthStatus?: string; readonly exitCode?: number; readonly reason?: string };
  /** From this tick on it is in lists. */
  listedFrom: number;
}

const ACCOUNT = 'arn:aws:ecs:eu-west-1:111122223333';
export const CLUSTER = 'Cluster';
export const SERVICE = 'Service';
export const arn = (id: string) => `${ACCOUNT}:task/${CLUSTER}/${id}`;
export const definition = (family: string, revision = 7) => `${ACCOUNT}:task-definition/${family}:${revision}`;
/** The network interface of a task that is not the service's. */
export const inSubnet = (value: string) => [{ details: [{ name: 'networkInterfaceId', value: 'eni-1' }, { name: 'subnetId', value }] }];

/** One service and its cluster, moved on by the calls of whoever looks at them. */
export class FakeEcs {
  public desiredCount = 0;
  public rolloutState = 'COMPLETED';
  /** Whether the service is deleted: ECS still describes it for a while, and has nothing else for it. */
  public deleted = false;
  public readonly tasks: FakeTask[] = [];
  public readonly events: { createdAt: number; message: string }[] = [];
  /** How the service's next tasks live. */
  public life: Step[] = LIFE.good;
  public linger = 1;
  /** So many ticks ECS's list is behind. */
  public listLag = 0;
  /** So many looks DescribeServices still shows the count from before a change. */
  public countLag = 0;
  /** So many looks apart, DescribeServices shows a count that is not true. */
  public falseEvery = Infinity;
  public page = 100;
  private tick = 0;
  private made = 0;
  private shown: { count: number; until: number } = { count: 0, until: 0 };

  public readonly actions: FakeService = {
    DescribeServices: () => {
      const isFalse = this.tick % this.falseEvery === this.falseEvery - 1;
      const before = this.shown.until > this.tick ? this.shown.count : isFalse ? 1 - this.desiredCount : this.desiredCount;
      this.move();
      const own = this.tasks.filter(task => task.group === `service:${SERVICE}` && task.lastStatus !== 'STOPPED' && task.desiredStatus === 'RUNNING');
      const running = own.filter(task => task.lastStatus === 'RUNNING').length;
      return {
        services: [{
          serviceName: SERVICE,
          status: this.deleted ? 'INACTIVE' : 'ACTIVE',
          desiredCount: before,
          runningCount: running,
          pendingCount: own.length - running,
          events: this.events,
          deployments: [{ id: 'ecs-svc/1', status: 'PRIMARY', rolloutState: this.rolloutState }],
        }],
      };
    },
    UpdateService: ({ desiredCount, forceNewDeployment }) => {
      if (this.deleted) {
        throw new FaultError({ code: 'ServiceNotActiveException' });
      }
      this.shown = { count: this.desiredCount, until: this.tick + this.countLag };
      this.desiredCount = desiredCount as number;
      if (forceNewDeployment) {
        this.rolloutState = 'IN_PROGRESS';
      }
      return { service: {} };
    },
    ListTasks: ({ desiredStatus, family, serviceName, nextToken }) => {
      if (serviceName !== undefined && this.deleted) {
        throw new FaultError({ code: 'ServiceNotFoundException' });
      }
      const listed = this.tasks.filter(task => task.desiredStatus === desiredStatus && this.tick >= task.listedFrom
        && (serviceName === undefined || task.group === `service:${serviceName as string}`)
        && (family === undefined || task.taskDefinitionArn.includes(`/${family as string}:`))).map(({ taskArn }) => taskArn);
      const from = Number(nextToken ?? 0);
      return { taskArns: listed.slice(from, from + this.page), ...listed.length > from + this.page && { nextToken: String(from + this.page) } };
    },
    DescribeTasks: ({ tasks }) => {
      const asked = tasks as string[];
      if (asked.length === 0 || asked.length > 100) {
        throw new FaultError({ code: 'InvalidParameterException', message: `${asked.length} tasks` });
      }
      return { tasks: this.tasks.filter(({ taskArn }) => asked.includes(taskArn)).map(shown), failures: [] };
    },
    StopTask: ({ task }) => {
      const found = this.tasks.find(({ taskArn }) => taskArn === task);
      if (!found) {
        throw new FaultError({ code: 'InvalidParameterException', message: 'The referenced task was not found.' });
      }
      stop(found, 'UserInitiated');
      return { task: shown(found) };
    },
  };

  /** Called with every tick, for what happens from outside. */
  public onTick: (tick: number) => void = () => undefined;

  /** Puts a task there; the service's own by default. */
  public add(task: Partial<FakeTask> = {}): FakeTask {
    const now = Date.now() / 1000 + this.made / 1000;
    const [first] = task.life ?? this.life;
    const made: FakeTask = {
      taskArn: arn(`task${++this.made}`),
      group: `service:${SERVICE}`,
      taskDefinitionArn: definition('Server'),
      startedBy: 'ecs-svc/1',
      desiredStatus: 'RUNNING',
      createdAt: now,
      life: (task.life ?? this.life).slice(1),
      linger: this.linger,
      listedFrom: this.tick + this.listLag,
      ...first,
      ...task,
    };
    this.tasks.push(made);
    return made;
  }

  /** A server that is up. */
  public addRunning(task: Partial<FakeTask> = {}): FakeTask {
    this.desiredCount = 1;
    return this.add({ lastStatus: 'RUNNING', healthStatus: 'HEALTHY', startedAt: Date.now() / 1000, ...task, life: [] });
  }

  private move() {
    this.onTick(++this.tick);
    for (const task of this.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED')) {
      if (task.desiredStatus === 'STOPPED') {
        Object.assign(task, --task.linger > 0 ? { lastStatus: 'STOPPING' } : { lastStatus: 'STOPPED', stoppedAt: Date.now() / 1000, exitCode: 0 });
      } else if (this.desiredCount === 0 && task.group === `service:${SERVICE}`) {
        stop(task, 'ServiceSchedulerInitiated');
      } else {
        const next = task.life.shift();
        Object.assign(task, next, next?.lastStatus === 'RUNNING' && { startedAt: Date.now() / 1000 },
          next?.lastStatus === 'STOPPED' && { desiredStatus: 'STOPPED', stoppedAt: Date.now() / 1000 });
      }
    }
    const own = this.tasks.filter(task => task.group === `service:${SERVICE}` && task.desiredStatus === 'RUNNING');
    if (this.rolloutState !== 'FAILED' && own.length < this.desiredCount) {
      this.add();
    }
  }
}

function stop(task: FakeTask, stopCode: string) {
  Object.assign(task, { desiredStatus: 'STOPPED', stopCode, stoppedReason: 'told to' });
}

function shown({ life: _life, linger: _linger, listedFrom: _listed, exitCode, agent, agentReason, sidecar, ...task }: FakeTask) {
  return {
    enableExecuteCommand: true,
    ...task,
    // One container that is not healthy makes a task that is not.
    ...sidecar?.healthStatus === 'UNHEALTHY' && { healthStatus: 'UNHEALTHY' },
    containers: [...sidecar ? [{ name: 'sidecar', lastStatus: task.lastStatus, runtimeId: 'sidecar-1', healthStatus: 'UNKNOWN', ...sidecar }] : [], {
      lastStatus: task.lastStatus,
      managedAgents: [{ name: 'ExecuteCommandAgent', lastStatus: agent ?? task.lastStatus, reason: agentReason }],
      name: task.group.startsWith('service:') ? 'engine' : 'task',
      healthStatus: task.healthStatus,
      runtimeId: `${task.taskArn.split('/').at(-1)}-1`,
      networkInterfaces: [{ privateIpv4Address: '172.31.48.9' }],
      ...exitCode !== undefined && { exitCode },
    }],
  };
}
