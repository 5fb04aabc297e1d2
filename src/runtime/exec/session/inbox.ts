import { acknowledge } from './acknowledgement';
import { DecodedMessage, HeaderFlag } from '../wire';

/** What one message costs here beside its payload, roughly: its header, and the objects around it. */
const MESSAGE_OVERHEAD_BYTES = 256;

/** How much of what came too early is kept. */
const EARLY_BYTES = 8 * 1024 * 1024;

/** What a message costs while it is kept. */
export function costOf({ payload }: DecodedMessage): number {
  return payload.length + MESSAGE_OVERHEAD_BYTES;
}

/** Where messages go to, in their order. */
export interface InboxOutlet {
  hasRoom(): boolean;
  push(message: DecodedMessage): void;
}

/**
 * Puts what the agent sends into its order, and acknowledges it.
 *
 * What is acknowledged is kept, and reaches the outlet sooner or later; what there is no room for is not acknowledged,
 * so that the agent sends it again. What was heard before is acknowledged again: its acknowledgement was lost.
 */
export class Inbox {
  private readonly early = new Map<number, DecodedMessage>();
  private earlyBytes = 0;
  private expected = 0;
  private highestSeen = -1;
  private last = Infinity;

  public constructor(
    private readonly send: (frame: Uint8Array) => void,
    private readonly outlet: InboxOutlet,
  ) {}

  /** What is kept until the one before it comes, in bytes. */
  public get heldCost(): number {
    return this.earlyBytes;
  }

  /** The first message that has not come, or was not taken. */
  public get nextNumber(): number {
    return this.expected;
  }

  /** Whether something is known to have been sent that was not passed on. */
  public get hasGap(): boolean {
    return this.highestSeen >= this.expected;
  }

  /** Whether the agent has said which message is its last, and that one was passed on. */
  public get isWhole(): boolean {
    return this.expected > this.last;
  }

  /** Takes a message of the agent's stream. */
  public receive(message: DecodedMessage): void {
    const { sequenceNumber } = message;
    this.highestSeen = Math.max(this.highestSeen, sequenceNumber);
    if (sequenceNumber < this.expected || this.early.has(sequenceNumber)) {
      this.send(acknowledge(message));
    } else if (sequenceNumber === this.expected) {
      if (this.outlet.hasRoom()) {
        this.pass(message);
        this.passWhatFollows();
        this.send(acknowledge(message));
      }
    } else if (this.earlyBytes + costOf(message) <= EARLY_BYTES) {
      this.early.set(sequenceNumber, message);
      this.earlyBytes += costOf(message);
      this.send(acknowledge(message));
    }
  }

  private pass(message: DecodedMessage): void {
    this.expected++;
    if (isLast(message)) {
      this.last = message.sequenceNumber;
    }
    this.outlet.push(message);
  }

  private passWhatFollows(): void {
    if (this.early.size === 0) {
      return;
    }
    for (let next = this.early.get(this.expected); next; next = this.early.get(this.expected)) {
      this.early.delete(this.expected);
      this.earlyBytes -= costOf(next);
      this.pass(next);
    }
  }
}

function isLast({ flags }: DecodedMessage): boolean {
  return flags % (2 * HeaderFlag.FIN) >= HeaderFlag.FIN;
}
