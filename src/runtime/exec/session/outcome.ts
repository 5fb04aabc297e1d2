import { deferred } from './deferred';
import { SessionEndedError, SessionOpenError } from './errors';
import { SessionEnd } from './session-channel';
import { ChannelClosed } from '../wire';

/** What becomes of a session: whether it was opened, and how it has ended. What comes first counts, of each. */
export class Outcome {
  /** What the service says of the end; empty where it is nothing. */
  public message = '';
  /** Why the session cannot be: the agent only repeats it, and may end the session before it has acknowledged it. */
  public refusal?: Error;

  private readonly opening = deferred<void>();
  private readonly ending = deferred<SessionEnd>();
  private wasOpened = false;
  private found?: { readonly error?: unknown };

  public constructor(private readonly sessionId: string) {
    // Whoever does not ask how the session has ended is no error of the process.
    this.ended.catch(() => {});
  }

  public get opened(): Promise<void> {
    return this.opening.promise;
  }

  public get ended(): Promise<SessionEnd> {
    return this.ending.promise;
  }

  public get isOpen(): boolean {
    return this.wasOpened;
  }

  /** Nothing goes in or out any more; what came may have to be heard still. */
  public get isFound(): boolean {
    return this.found !== undefined;
  }

  public open(): void {
    if (!this.wasOpened) {
      this.wasOpened = true;
      this.opening.resolve();
    }
  }

  /** What the service says with the end. */
  public hearMessage(payload: Buffer): void {
    try {
      const { Output: output } = JSON.parse(payload.toString('utf8')) as ChannelClosed;
      this.message = typeof output === 'string' ? output : '';
    } catch {
      // It is over, whatever was to be said of it.
    }
  }

  /** @param error undefined where all is well */
  public find(error: unknown): void {
    this.found ??= { error };
  }

  /** Whoever types hears this. */
  public get reason(): Error {
    return this.found?.error instanceof Error ? this.found.error : new SessionEndedError(this.sessionId, this.message);
  }

  /** It is over, and was never open. */
  public failOpening(): void {
    this.opening.reject(this.refusal ?? this.found?.error
      ?? new SessionOpenError(`the session ${this.sessionId} was over before it was open${this.message && `: ${this.message}`}`));
  }

  /** All was heard. */
  public settle(): void {
    if (this.found?.error === undefined) {
      this.ending.resolve({ message: this.message });
    } else {
      this.ending.reject(this.found.error);
    }
  }
}
