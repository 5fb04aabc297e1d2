import { AwsCallError, AwsFailure } from '../aws-call-error';
import { SessionTime, SessionTimeoutError, TaskEndedError } from './errors';
import { Clock, SYSTEM_CLOCK } from './session/clock';
import { SessionChannel, SessionEnd } from './session/session-channel';
import { TerminalSize } from './wire';

/** How long a session may last, and who ends it. */
export interface SessionLimits {
  /**
   * Ends the session when nothing was typed and nothing was shown for so many seconds.
   *
   * @default - as long as AWS allows, which is 20 minutes
   */
  readonly idleTimeoutSeconds?: number;

  /**
   * Ends the session after so many seconds.
   *
   * @default - it takes the time that it takes
   */
  readonly sessionTimeoutSeconds?: number;

  /**
   * Ends the session, and what runs in it, with the signal's reason.
   *
   * @default - nothing ends it early
   */
  readonly sessionSignal?: AbortSignal;
}

/**
 * Looks whether the task has ended.
 *
 * @param orWill whether one that was told to end counts, too
 */
export type LookAtTask = (orWill: boolean) => Promise<TaskEndedError | undefined>;

/** A session that is silent is looked after when so many seconds have gone, then after twice as many, up to once a minute. */
const FIRST_LOOK_MS = 10_000;
const LOOK_MS = 60_000;

/** How long it is waited that a session ends that was told to. */
const LEAVE_MS = 2000;

/**
 * A session over which somebody watches: it fails when its time is over, when the caller has enough of it, and with the
 * reason when its task has ended.
 */
export class WatchedSession implements SessionChannel {
  public readonly ended: Promise<SessionEnd>;

  private giveUp!: (error: unknown) => void;
  private failure: { readonly error: unknown } | undefined;
  private isOver = false;
  private readonly stops: (() => void)[] = [];
  private stopLooking?: () => void;
  private lastSign: number;

  public constructor(
    private readonly inner: SessionChannel,
    private readonly look: LookAtTask,
    private readonly limits: SessionLimits = {},
    private readonly clock: Clock = SYSTEM_CLOCK,
  ) {
    this.lastSign = clock.now();
    this.ended = this.untilEnd(new Promise((_, reject) => { this.giveUp = reject; }));
    // Whoever waits for it hears of it; nobody has to.
    this.ended.catch(() => undefined);
    this.watch();
  }

  public get sessionId(): string {
    return this.inner.sessionId;
  }

  public onOutput(listener: (data: Buffer) => void | Promise<void>): void {
    this.inner.onOutput((data) => {
      this.lastSign = this.clock.now();
      return listener(data);
    });
  }

  public async write(data: Uint8Array): Promise<void> {
    this.throwFailure();
    this.lastSign = this.clock.now();
    return this.inner.write(data);
  }

  public resize(size: TerminalSize): void {
    this.inner.resize(size);
  }

  public async terminate(): Promise<void> {
    return this.inner.terminate();
  }

  /** Why the task has ended, where a session that has ended by itself is not all that one hoped for; undefined where it goes on. */
  public async whyTaskEnded(): Promise<TaskEndedError | undefined> {
    return this.look(true).catch(() => undefined);
  }

  /** @param givenUp fails where the session does not end although it was told to */
  private async untilEnd(givenUp: Promise<never>): Promise<SessionEnd> {
    try {
      const end = await Promise.race([this.inner.ended, givenUp]);
      this.throwFailure();
      return end;
    } catch (error) {
      this.throwFailure();
      // A session that was lost may have been lost with its task.
      throw await this.whyTaskEnded() ?? error;
    } finally {
      this.letGo();
    }
  }

  private throwFailure(): void {
    if (this.failure) {
      throw this.failure.error;
    }
  }

  private watch(): void {
    const { sessionSignal: signal, sessionTimeoutSeconds, idleTimeoutSeconds } = this.limits;
    if (signal) {
      const abort = () => this.end(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      this.stops.push(() => signal.removeEventListener('abort', abort));
      if (signal.aborted) {
        abort();
      }
    }
    if (sessionTimeoutSeconds !== undefined) {
      this.stops.push(this.clock.after(sessionTimeoutSeconds * 1000, () => this.end(new SessionTimeoutError(
        `the session has lasted ${sessionTimeoutSeconds} s, which is all that it was given: it was ended with what ran in it`, SessionTime.WHOLE))));
    }
    if (idleTimeoutSeconds !== undefined) {
      this.awaitIdleness(idleTimeoutSeconds);
    }
    this.lookWhenSilent(FIRST_LOOK_MS);
  }

  private awaitIdleness(seconds: number): void {
    const left = this.lastSign + seconds * 1000 - this.clock.now();
    if (left <= 0) {
      this.end(new SessionTimeoutError(
        `nothing was typed or shown in the session for ${seconds} s: it was ended with what ran in it`, SessionTime.IDLE));
      return;
    }
    const stop = this.clock.after(left, () => {
      this.stops.splice(this.stops.indexOf(stop), 1);
      this.awaitIdleness(seconds);
    });
    this.stops.push(stop);
  }

  private lookWhenSilent(afterMs: number): void {
    this.stopLooking = this.clock.after(afterMs, () => {
      if (this.clock.now() - this.lastSign < afterMs) {
        this.lookWhenSilent(FIRST_LOOK_MS);
        return;
      }
      const lookAgain = () => {
        if (!this.isOver) {
          this.lookWhenSilent(Math.min(afterMs * 2, LOOK_MS));
        }
      };
      void this.look(false).then(
        ended => ended ? this.end(ended) : lookAgain(),
        (error: unknown) => {
          // Without a network the session goes on for as long as it can. Without the right to look it is not asked for again.
          if (!(error instanceof AwsCallError && error.failure === AwsFailure.PERMISSION)) {
            lookAgain();
          }
        });
    });
  }

  /** Ends the session, and fails when it has ended, or does not within the time that it has for that. */
  private end(error: unknown): void {
    if (this.isOver) {
      return;
    }
    this.failure = { error };
    this.letGo();
    const stop = this.clock.after(LEAVE_MS, () => this.giveUp(error));
    this.inner.terminate().catch(() => undefined).finally(() => {
      stop();
      this.giveUp(error);
    });
  }

  private letGo(): void {
    this.isOver = true;
    this.stopLooking?.();
    this.stops.splice(0).forEach(stop => stop());
  }
}
