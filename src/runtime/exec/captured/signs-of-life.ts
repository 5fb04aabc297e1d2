/** The default orphan time-out; docs/execute-command.md has the reasons. */
export const ORPHAN_TIMEOUT_SECONDS = 600;

/** A shorter orphan time-out would end commands of clients that are merely slow. */
export const SHORTEST_ORPHAN_TIMEOUT_SECONDS = 10;

/** Sessions end when nothing is typed for long, so it is no less often than that. */
const LONGEST_LOOK_SECONDS = 30;

/** The fewest missing heartbeats in a row that end a command: a single one may be late. */
const FEWEST_LOOKS = 10;

/** The interval of the container's checks for a heartbeat, and the number of misses in a row that end the command. */
export interface Looks {
  readonly lookSeconds: number;
  readonly looks: number;
}

/** The other side sleeps for whole seconds: not every sleep(1) knows others. */
export function looksWithin(orphanTimeoutSeconds: number): Looks {
  const lookSeconds = Math.min(Math.floor(orphanTimeoutSeconds / FEWEST_LOOKS), LONGEST_LOOK_SECONDS);
  return { lookSeconds, looks: Math.ceil(orphanTimeoutSeconds / lookSeconds) };
}

/**
 * Tells the container that we live, once for each of its looks.
 *
 * They go out by a timer, and not as answers to its own signs of life: those wait behind the output while nobody takes it.
 */
export class SignsOfLife {
  private timer: NodeJS.Timeout | undefined;
  private isUnderWay = false;

  /** @param send resolves when more may be sent */
  public constructor(private readonly lookSeconds: number, private readonly send: () => Promise<void>) {}

  public begin(): void {
    this.timer ??= setInterval(() => void this.give(), this.lookSeconds * 1000);
  }

  public stop(): void {
    clearInterval(this.timer);
  }

  /** One at a time: while the connection is away, they must not pile up. */
  private async give(): Promise<void> {
    if (!this.isUnderWay) {
      this.isUnderWay = true;
      await this.send().finally(() => { this.isUnderWay = false; });
    }
  }
}
