import { FrameReader, TerminalPart } from './frame-reader';

export interface HearingEvents {
  /** @returns a promise where nothing more is to be heard until it is kept */
  heed(part: TerminalPart): undefined | Promise<void>;

  /** Hears why a part was not heeded, or what came was nothing that can be. */
  onFailed(error: unknown): void;

  /** All of a piece was heeded. */
  onThrough(): void;

  /** It is waited for somebody. */
  onWaiting(): void;
}

/** Hears what the terminal shows, part by part. */
export class Hearing {
  private readonly reader: FrameReader;
  private waiting: Promise<void> | undefined;
  private isOver = false;

  public constructor(nonce: string, private readonly events: HearingEvents) {
    this.reader = new FrameReader(nonce);
  }

  /** Without a promise as long as there is nothing to wait for: a piece is a kilobyte. */
  public hear(piece: Buffer): undefined | Promise<void> {
    const parts = this.parts(piece);
    for (let next = 0; next < parts.length;) {
      const heeding = this.heed(parts[next++]);
      if (heeding) {
        return this.waiting = this.hearOn(heeding, parts.slice(next));
      }
    }
    this.events.onThrough();
    return undefined;
  }

  /** Kept when all that was heard is heeded. */
  public async through(): Promise<void> {
    await this.waiting;
  }

  /** Nothing more is of interest. */
  public stop(): void {
    this.isOver = true;
  }

  private async hearOn(heeding: Promise<void>, parts: TerminalPart[]): Promise<void> {
    this.events.onWaiting();
    await heeding;
    for (const part of parts) {
      await this.heed(part);
    }
    this.waiting = undefined;
    this.events.onThrough();
  }

  private parts(piece: Buffer): TerminalPart[] {
    if (this.isOver) {
      return [];
    }
    try {
      return this.reader.push(piece);
    } catch (error) {
      // What comes after it cannot be told apart.
      this.stop();
      this.events.onFailed(error);
      return [];
    }
  }

  private heed(part: TerminalPart): undefined | Promise<void> {
    try {
      return this.events.heed(part)?.catch((error: unknown) => this.events.onFailed(error));
    } catch (error) {
      this.events.onFailed(error);
      return undefined;
    }
  }
}
