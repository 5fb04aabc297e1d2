/** The most messages that wait for one before them; what comes beyond is not acknowledged, and so comes again. */
const CAPACITY = 10_000;

/** What comes from the client: once each, and in order. */
export class IncomingStream<T> {
  private readonly early = new Map<number, T>();
  private expected = 0;
  private delivering = false;

  /** @param deliver says whether it could take the message; where not, the message waits for `proceed` */
  public constructor(private readonly deliver: (message: T) => boolean) {}

  /** Takes a message; says whether it has it now, or had it before, so that it is to be acknowledged. */
  public take(sequenceNumber: number, message: T): boolean {
    if (sequenceNumber < this.expected || this.early.has(sequenceNumber)) {
      return true;
    }
    // The missing one always has room: it makes room for the others.
    if (this.early.size >= CAPACITY && sequenceNumber !== this.expected) {
      return false;
    }
    this.early.set(sequenceNumber, message);
    this.proceed();
    return true;
  }

  /** Delivers what has waited, as far as it goes. */
  public proceed(): void {
    if (this.delivering) {
      return;
    }
    this.delivering = true;
    try {
      for (;;) {
        const message = this.early.get(this.expected);
        if (message === undefined || !this.deliver(message)) {
          return;
        }
        this.early.delete(this.expected++);
      }
    } finally {
      this.delivering = false;
    }
  }
}
