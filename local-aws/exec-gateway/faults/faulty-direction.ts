import type { Clock } from '../../../src/runtime/exec/session/clock';

interface Held {
  readonly frame: Buffer;
  /** How many may overtake it. */
  left: number;
}

/** A frame that is overtaken by nothing for so long arrives all the same. */
const LONGEST_HOLD = 50;

/** The frames of one direction of a connection on their way, late or overtaken. */
export class FaultyDirection {
  private readonly held = new Set<Held>();
  private readonly late: Buffer[] = [];
  private isLate = false;
  private over = false;

  public constructor(private readonly clock: Clock, private readonly arrive: (frame: Buffer) => void) {}

  /** Lets a frame arrive after those that are late. */
  public pass(frame: Buffer): void {
    if (this.isLate) {
      this.late.push(frame);
      return;
    }
    this.arrive(frame);
    for (const one of this.held) {
      if (--one.left <= 0) {
        this.release(one);
      }
    }
  }

  /** Lets this frame, and all that follow, be late. */
  public delay(milliseconds: number): void {
    if (this.isLate) {
      return;
    }
    this.isLate = true;
    this.clock.after(milliseconds, () => {
      this.isLate = false;
      for (const frame of this.late.splice(0)) {
        if (!this.over) this.pass(frame);
      }
    });
  }

  /** Lets so many later frames overtake this one. */
  public hold(frame: Buffer, left: number): void {
    const one = { frame, left };
    this.held.add(one);
    this.clock.after(LONGEST_HOLD, () => this.release(one));
  }

  /** Lets all that is on its way arrive now. */
  public hurry(): void {
    this.isLate = false;
    for (const frame of this.late.splice(0)) {
      this.pass(frame);
    }
    for (const one of this.held) {
      this.release(one);
    }
  }

  /** Loses what is on its way. */
  public end(): void {
    this.over = true;
    this.held.clear();
    this.late.length = 0;
  }

  private release(one: Held): void {
    if (this.held.delete(one) && !this.over) {
      this.arrive(one.frame);
    }
  }
}
