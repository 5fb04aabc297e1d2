import { DecodedMessage, decodeMessage, MalformedMessageError } from '../wire';

/** So many that cannot be read without a good one in between are another protocol. */
const MOST_MALFORMED = 100;

/**
 * Reads frames. One that cannot be read is like one that was lost: it is not acknowledged, so that it is sent again.
 *
 * To end the session for it would help nobody, and to go on for ever neither.
 */
export class FrameReader {
  private malformedInARow = 0;

  public constructor(
    /** @throws MalformedMessageError where there is no sense in the message */
    private readonly onMessage: (message: DecodedMessage) => void,
    private readonly onHopeless: (why: string, cause: unknown) => void,
  ) {}

  public read(frame: string | Buffer): void {
    try {
      this.onMessage(decodeMessage(typeof frame === 'string' ? Buffer.from(frame) : frame));
      this.malformedInARow = 0;
    } catch (error) {
      if (!(error instanceof MalformedMessageError)) {
        throw error;
      }
      this.malformedInARow++;
      if (this.malformedInARow === MOST_MALFORMED) {
        this.onHopeless(`${MOST_MALFORMED} frames in a row could not be read (${error.message})`, error);
      }
    }
  }
}
