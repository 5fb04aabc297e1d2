import { SessionChannel, SessionEnd } from '../../../../src/runtime/exec/session/session-channel';

/** A session whose output is not what the terminal has shown. */
export class AlteredChannel implements SessionChannel {
  public readonly sessionId: string;
  public readonly ended: Promise<SessionEnd>;

  /** @param alter makes what arrives of a line that was shown */
  public constructor(private readonly channel: SessionChannel, private readonly alter: (line: string) => string) {
    this.sessionId = channel.sessionId;
    this.ended = channel.ended;
  }

  public onOutput(listener: (data: Buffer) => void | Promise<void>): void {
    let held = '';
    this.channel.onOutput((data) => {
      const lines = (held + data.toString('latin1')).split('\n');
      held = lines.pop()!;
      return listener(Buffer.from(lines.map(line => this.alter(`${line}\n`)).join(''), 'latin1'));
    });
  }

  public async write(data: Uint8Array): Promise<void> {
    return this.channel.write(data);
  }

  public resize(): void {
    // Nobody looks.
  }

  public async terminate(): Promise<void> {
    return this.channel.terminate();
  }
}
