import type { Terminal } from '../../../local-aws/exec-gateway/agent/terminal';
import type { TerminalSize } from '../../../src/runtime/exec/wire';

/** A terminal that shows what a test wants, and remembers what was typed. */
export class ScriptedTerminal implements Terminal {
  public readonly sizes: TerminalSize[] = [];
  public wasHungUp = false;
  public started = false;
  public lost = false;
  public takesMore = true;
  public reads = 0;
  /** What starting it fails with. */
  public failure?: string;
  /** What starting it, and changing its size, has to wait for. */
  public waitsFor: Promise<void> = Promise.resolve();

  private readonly typedChunks: Buffer[] = [];
  private shown: Buffer = Buffer.alloc(0);
  private programEnded = false;
  private readable: () => void = () => undefined;
  private drained: () => void = () => undefined;

  public get ended(): boolean {
    return this.programEnded && this.shown.length === 0;
  }

  public get typed(): Buffer {
    return Buffer.concat(this.typedChunks);
  }

  public async start(readable: () => void): Promise<void> {
    if (this.failure) {
      throw new Error(this.failure);
    }
    this.readable = readable;
    await this.waitsFor;
    this.started = true;
  }

  public show(data: Buffer | string): void {
    this.shown = Buffer.concat([this.shown, Buffer.from(data)]);
    this.readable();
  }

  public end(): void {
    this.programEnded = true;
    this.readable();
  }

  public lose(): void {
    this.lost = true;
    this.readable();
  }

  public drain(): void {
    this.takesMore = true;
    this.drained();
  }

  public read(maximum: number): Buffer | undefined {
    if (this.shown.length === 0) {
      return undefined;
    }
    this.reads++;
    const chunk = this.shown.subarray(0, maximum);
    this.shown = this.shown.subarray(maximum);
    return chunk;
  }

  public get unread(): number {
    return this.shown.length;
  }

  public write(data: Buffer): boolean {
    this.typedChunks.push(Buffer.from(data));
    return this.takesMore;
  }

  public onDrain(listener: () => void): void {
    this.drained = listener;
  }

  public async resize(size: TerminalSize): Promise<void> {
    this.sizes.push(size);
    await this.waitsFor;
  }

  public hangUp(): void {
    this.wasHungUp = true;
  }
}
