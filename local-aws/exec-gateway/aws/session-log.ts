import { EmulatorApi } from './emulator-api';

/** Where a cluster wants what its terminals have shown. */
export interface SessionLogOptions {
  readonly cloudWatchLogGroup?: string;
  readonly s3Bucket?: string;

  /** @default - the object's name is that of the session, at the top of the bucket */
  readonly s3KeyPrefix?: string;
}

/** Of a longer session the beginning is kept. */
const MOST_BYTES = 16 * 1024 * 1024;

// What one call of CloudWatch Logs takes.
const EVENTS_AT_ONCE = 1000;
const BYTES_AT_ONCE = 900_000;
const LONGEST_EVENT = 200_000;

/** What a session's terminal has shown; it goes to the log when the session is over, as the agent uploads it. */
export class SessionLog {
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private left = 0;

  public constructor(private readonly sessionId: string, private readonly options: SessionLogOptions, private readonly emulator: EmulatorApi) {}

  public add(output: Buffer): void {
    const part = output.subarray(0, MOST_BYTES - this.bytes);
    if (part.length > 0) this.chunks.push(Buffer.from(part));
    this.bytes += part.length;
    this.left += output.length - part.length;
  }

  /** @throws an error where a log cannot be written */
  public async upload(): Promise<void> {
    const note = this.left > 0 ? `\r\n[the local AWS has kept the first ${MOST_BYTES} bytes of this session, and left out ${this.left}]\r\n` : '';
    const text = Buffer.concat([...this.chunks, Buffer.from(note)]);
    if (this.options.s3Bucket !== undefined) {
      const name = `${this.sessionId}.log`;
      await this.emulator.putObject(this.options.s3Bucket, [this.options.s3KeyPrefix, name].filter(Boolean).join('/'), text);
    }
    if (this.options.cloudWatchLogGroup !== undefined) {
      await this.uploadLines(this.options.cloudWatchLogGroup, text.toString());
    }
  }

  private async uploadLines(group: string, text: string): Promise<void> {
    await this.emulator.createLogStream(group, this.sessionId);
    let events: Array<{ timestamp: number; message: string }> = [];
    let bytes = 0;
    const flush = async () => {
      if (events.length > 0) await this.emulator.putLogEvents(group, this.sessionId, events);
      events = [];
      bytes = 0;
    };
    for (const line of text.split(/\r?\n/)) {
      for (let from = 0; from < line.length; from += LONGEST_EVENT) {
        const message = line.slice(from, from + LONGEST_EVENT);
        if (events.length === EVENTS_AT_ONCE || bytes + message.length > BYTES_AT_ONCE) await flush();
        events.push({ timestamp: Date.now(), message });
        bytes += message.length;
      }
    }
    await flush();
  }
}
