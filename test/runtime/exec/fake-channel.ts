import { SessionChannel, SessionEnd } from '../../../src/runtime/exec/session/session-channel';
import { TerminalSize } from '../../../src/runtime/exec/wire';

/** A session whose other end is the test. */
export class FakeChannel implements SessionChannel {
  public readonly sessionId = 'ecs-execute-command-1';
  public readonly ended: Promise<SessionEnd>;
  public readonly typed: Buffer[] = [];
  public readonly sizes: TerminalSize[] = [];
  public terminated = 0;
  public end!: (message?: string) => void;
  public lose!: (error: Error) => void;
  /** What one who types waits for. */
  public room: Promise<void> = Promise.resolve();

  private listener: ((data: Buffer) => void | Promise<void>) | undefined;

  public constructor() {
    this.ended = new Promise((resolve, reject) => {
      this.end = (message = '') => resolve({ message });
      this.lose = reject;
    });
    this.ended.catch(() => undefined);
  }

  public onOutput(listener: (data: Buffer) => void | Promise<void>): void {
    this.listener = listener;
  }

  public async show(text: string): Promise<void> {
    await this.listener!(Buffer.from(text));
  }

  public async write(data: Uint8Array): Promise<void> {
    this.typed.push(Buffer.from(data));
    await this.room;
  }

  public resize(size: TerminalSize): void {
    this.sizes.push(size);
  }

  public async terminate(): Promise<void> {
    this.terminated++;
    this.end('terminated');
  }
}
