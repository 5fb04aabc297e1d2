import { AwsCallError } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import { LogNotFoundError } from './errors';

/** One line of a log, or several that were written as one. */
export interface LogEvent {
  /** CloudWatch's own name for it; no two events have the same. */
  readonly id: string;

  /** When it was written. */
  readonly time: Date;

  /** When CloudWatch got it, which may be some time later. */
  readonly ingestionTime: Date;

  /** What was written: a line, as a rule. */
  readonly message: string;

  /** The stream that it is in, such as `server/engine/<task id>`. */
  readonly stream: string;
}

/** The events of a log group, or of one stream of it. */
export class LogEvents {
  public constructor(private readonly connection: AwsConnection, private readonly group: string, private readonly stream?: string) {}

  /**
   * The events between two times, in milliseconds since 1970, both included; page by page, oldest first.
   *
   * @throws LogNotFoundError
   */
  public async *pages(startTime: number, endTime?: number, signal?: AbortSignal): AsyncGenerator<LogEvent[]> {
    let nextToken: string | undefined;
    do {
      const answer = await this.page({ startTime: Math.max(0, startTime), endTime, nextToken }, signal);
      // A page may be empty although more follow.
      yield (answer.events ?? []).map(({ eventId, timestamp = 0, ingestionTime = timestamp, message = '', logStreamName = '' }) => ({
        id: eventId ?? `${logStreamName} ${timestamp} ${message}`,
        time: new Date(timestamp),
        ingestionTime: new Date(ingestionTime),
        message,
        stream: logStreamName,
      }));
      nextToken = answer.nextToken;
    } while (nextToken);
  }

  private async page(range: { startTime: number; endTime?: number; nextToken?: string }, signal?: AbortSignal) {
    try {
      return await this.connection.use('logs', (client, { FilterLogEventsCommand }) => client.send(new FilterLogEventsCommand({
        logGroupName: this.group, ...this.stream && { logStreamNames: [this.stream] }, ...range,
      }), { abortSignal: signal }));
    } catch (error) {
      throw error instanceof AwsCallError && error.code === 'ResourceNotFoundException' ? noLogGroup(this.group, error) : error;
    }
  }
}

/** Whether a log group has a stream of this name. */
export async function hasStream(connection: AwsConnection, group: string, stream: string, signal?: AbortSignal): Promise<boolean> {
  try {
    const { logStreams = [] } = await connection.use('logs', (client, { DescribeLogStreamsCommand }) => client.send(
      new DescribeLogStreamsCommand({ logGroupName: group, logStreamNamePrefix: stream }), { abortSignal: signal }));
    return logStreams.some(({ logStreamName }) => logStreamName === stream);
  } catch (error) {
    throw error instanceof AwsCallError && error.code === 'ResourceNotFoundException' ? noLogGroup(group, error) : error;
  }
}

function noLogGroup(group: string, cause: AwsCallError) {
  return new LogNotFoundError(`the log group ${group} is not there (request ${cause.requestId}): it was deleted, or is in another account or region`, { cause });
}
