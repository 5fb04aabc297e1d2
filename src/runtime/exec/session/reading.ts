/** With so much waiting for a slow listener nothing more is read, and with so little it is read on. */
const PAUSE_BYTES = 1024 * 1024;
const RESUME_BYTES = 256 * 1024;

/** What decides on whether to read, and what to do then. */
export interface ReadingProps {
  /** What waits to be heard, in bytes. */
  readonly heldBytes: () => number;

  /** Whether something that is to be sent waits for an acknowledgement, which is read like all else. */
  readonly needsAcknowledgements: () => boolean;

  /** False where the connection cannot. */
  readonly pause: () => boolean;

  readonly resume: () => void;

  /** Hears that acknowledgements are not read, or are again. */
  readonly onDeaf: (deaf: boolean) => void;
}

/** Lets the network wait for a slow listener. */
export class Reading {
  private paused = false;

  public constructor(private readonly props: ReadingProps) {}

  /** Something has come, or was heard, or waits to be sent. */
  public regulate(): void {
    const { heldBytes, needsAcknowledgements, pause, resume, onDeaf } = this.props;
    // A listener that waits for what it types itself would wait for ever, were the acknowledgements not read.
    const isNeeded = needsAcknowledgements();
    if (!this.paused && !isNeeded && heldBytes() > PAUSE_BYTES && pause()) {
      this.paused = true;
      onDeaf(true);
    } else if (this.paused && (isNeeded || heldBytes() < RESUME_BYTES)) {
      this.paused = false;
      onDeaf(false);
      resume();
    }
  }

  /** Begins again on another connection, which is read. */
  public reset(): void {
    this.paused = false;
    this.props.onDeaf(false);
    this.regulate();
  }
}
