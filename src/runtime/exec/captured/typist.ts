import { HEADER_BYTES } from './bootstrap';
import { SessionChannel } from '../session/session-channel';

/** Types for the program at the other end, which reads a header of a fixed length, and then what the header announces. */
export class Typist {
  private typing: Promise<void> = Promise.resolve();

  public constructor(private readonly channel: SessionChannel) {}

  /**
   * One after the other, so that nothing gets between a header and its data.
   *
   * @returns a promise that is kept when more may be typed, and where the session is over: its end says why
   */
  public async type(header: string, data = ''): Promise<void> {
    return this.typing = this.typing
      .then(async () => this.channel.write(Buffer.from(header.padEnd(HEADER_BYTES) + data)))
      .catch(() => undefined);
  }
}
