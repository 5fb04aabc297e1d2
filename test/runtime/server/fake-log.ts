import { FakeService, FaultError } from '../fake-aws';

interface FakeEvent {
  readonly eventId: string;
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
  readonly logStreamName: string;
}

const GROUPS = ['/vast/server', '/vast/client'];

/** CloudWatch Logs with its pages, some of which are empty. */
export class FakeLog {
  public readonly events: (FakeEvent & { group: string })[] = [];
  public page = 3;
  private reads = 0;

  public readonly actions: FakeService = {
    FilterLogEvents: ({ logGroupName, logStreamNames, startTime = 0, endTime = Infinity, nextToken }) => {
      this.refuseUnknown(logGroupName);
      if (nextToken === undefined) {
        this.onRead(++this.reads);
      }
      const found = this.events.filter(event => event.group === logGroupName
        && event.timestamp >= (startTime as number) && event.timestamp <= (endTime as number)
        && (logStreamNames === undefined || (logStreamNames as string[]).includes(event.logStreamName))).sort((a, b) => a.timestamp - b.timestamp);
      // Every second page is empty.
      const [from, empty] = nextToken === undefined ? [0, false] : JSON.parse(nextToken as string) as [number, boolean];
      const to = empty ? from : from + this.page;
      return { events: found.slice(from, to), ...to < found.length && { nextToken: JSON.stringify([to, !empty]) } };
    },
    DescribeLogStreams: ({ logGroupName, logStreamNamePrefix }) => {
      this.refuseUnknown(logGroupName);
      const names = new Set(this.events.filter(({ group }) => group === logGroupName).map(({ logStreamName }) => logStreamName));
      return { logStreams: [...names].filter(name => name.startsWith(logStreamNamePrefix as string)).map(logStreamName => ({ logStreamName })) };
    },
  };

  /** Called with each first page that is asked for, before it is answered. */
  public onRead: (reads: number) => void = () => undefined;

  /** Writes a line, so many seconds ago. */
  public write(message: string, { secondsAgo = 0, stream = 'server/engine/task1', group = '/vast/server' } = {}): void {
    const timestamp = Date.now() - secondsAgo * 1000;
    this.events.push({ eventId: `event-${this.events.length}`, timestamp, ingestionTime: Date.now(), message, logStreamName: stream, group });
  }

  private refuseUnknown(group: unknown) {
    if (!GROUPS.includes(group as string)) {
      throw new FaultError({ code: 'ResourceNotFoundException', message: 'The specified log group does not exist.' });
    }
  }
}
