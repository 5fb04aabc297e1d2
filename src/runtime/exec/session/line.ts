import { randomUUID } from 'node:crypto';
import { Clock } from './clock';
import { ResumeRefusedError } from './errors';
import { Connect, Transport } from './transport';
import { OpenDataChannel } from '../wire';

/** Where a session is connected to, and what lets one in. */
export interface StreamAddress {
  readonly streamUrl: string;
  readonly tokenValue: string;
}

/**
 * Asks for another address of the same session, as `ssm:ResumeSession` does: undefined where the service says that the
 * session is over. A ResumeRefusedError is final; after another error it is tried again.
 */
export type Resume = () => Promise<StreamAddress | undefined>;

export interface LineProps {
  readonly address: StreamAddress;
  readonly connect: Connect;
  readonly clock: Clock;
  readonly clientVersion: string;
  /** @default - a connection that is lost is lost for good */
  readonly resume?: Resume;
}

/** Hears what happens to the line. */
export interface LineEvents {
  /** It stands (again). */
  onUp(): void;
  onFrame(frame: string | Buffer): void;
  /** It does not stand; where it is to, it is tried for it. */
  onDown(why: string): void;
  /** It is not tried any more. `expired`: the service says that the session is over. */
  onLost(why: string, expired: boolean, cause?: unknown): void;
}

/** From a tenth of a second on twice as long each time, which is about sixteen seconds altogether. */
const MOST_TRIES = 8;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** So long for an address and a connection together. */
const TRY_MS = 15_000;

/** The connection of a session, made again where it breaks. */
export class Line {
  private transport?: Transport;
  private closed = false;
  /** Counts until something is heard: a connection that breaks at once is no success. */
  private tries = 0;
  private attempt = 0;
  private stopTimer?: () => void;
  private readonly clientId = randomUUID();

  public constructor(
    private readonly props: LineProps,
    private readonly events: LineEvents,
  ) {}

  public get isUp(): boolean {
    return this.transport !== undefined;
  }

  public get bufferedBytes(): number {
    return this.transport?.bufferedBytes ?? 0;
  }

  public open(): void {
    void this.try(() => Promise.resolve(this.props.address));
  }

  /** What is sent while the line is down is lost, as on a network. */
  public send(frame: string | Uint8Array): void {
    this.transport?.send(frame);
  }

  /** Reads no more for now: false where the connection cannot do so. */
  public pauseReading(): boolean {
    if (!this.transport?.pause) {
      return false;
    }
    this.transport.pause();
    return true;
  }

  public resumeReading(): void {
    this.transport?.resume?.();
  }

  public close(): void {
    this.closed = true;
    this.attempt++;
    this.stopTimer?.();
    this.transport?.close();
    this.transport = undefined;
  }

  private async try(getAddress: Resume): Promise<void> {
    const attempt = ++this.attempt;
    const stale = (): boolean => this.closed || attempt !== this.attempt;
    this.stopTimer = this.props.clock.after(TRY_MS, () => this.failed(`there was no answer within ${TRY_MS / 1000} s`));
    try {
      const address = await getAddress();
      if (stale()) {
        return;
      }
      if (!address) {
        this.lost('the connection broke, and the service says that the session is over', true);
        return;
      }
      const transport = await this.props.connect(address.streamUrl, {
        onFrame: (frame) => {
          if (!stale()) {
            this.tries = 0;
            this.events.onFrame(frame);
          }
        },
        onClosed: (why) => {
          if (!stale()) {
            this.broke(why);
          }
        },
      });
      if (stale()) {
        transport.close();
        return;
      }
      this.stopTimer?.();
      this.transport = transport;
      transport.send(JSON.stringify(this.openDataChannel(address.tokenValue)));
      this.events.onUp();
    } catch (error) {
      if (stale()) {
        return;
      }
      if (error instanceof ResumeRefusedError) {
        this.lost(error.message, false, error.cause);
      } else {
        this.failed((error as Error).message, error);
      }
    }
  }

  private openDataChannel(tokenValue: string): OpenDataChannel {
    return {
      MessageSchemaVersion: '1.0',
      RequestId: randomUUID(),
      TokenValue: tokenValue,
      ClientId: this.clientId,
      ClientVersion: this.props.clientVersion,
    };
  }

  private broke(why: string): void {
    const whole = `the connection was lost: ${why}`;
    this.transport = undefined;
    this.events.onDown(whole);
    this.failed(whole);
  }

  /** The connection broke, or could not be made. */
  private failed(why: string, cause?: unknown): void {
    if (this.closed) {
      return;
    }
    // What is still under way, and comes late, is let go of.
    this.attempt++;
    this.stopTimer?.();
    const { resume } = this.props;
    if (!resume) {
      this.lost(why, false, cause);
      return;
    }
    if (this.tries === MOST_TRIES) {
      this.lost(`${why} (tried ${MOST_TRIES} times)`, false, cause);
      return;
    }
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.tries);
    this.tries++;
    this.stopTimer = this.props.clock.after(pause, () => void this.try(resume));
  }

  private lost(why: string, expired: boolean, cause?: unknown): void {
    this.close();
    this.events.onLost(why, expired, cause);
  }
}
