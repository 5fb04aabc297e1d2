import { Clock } from './clock';
import { GetDataKey } from './handshake';
import { Resume, StreamAddress } from './line';
import { Connect } from './transport';

/** What a session is opened with. */
export interface OpenSessionProps extends StreamAddress {
  readonly sessionId: string;

  /**
   * What the session is with, as in `ecs:CLUSTER_TASK_RUNTIME`. KMS needs it where the session is encrypted.
   *
   * @default - none is named to KMS
   */
  readonly targetId?: string;

  readonly connect: Connect;

  /** What the agent hears of this program, as in `1.2.0`. */
  readonly clientVersion: string;

  /** @default - the time of the machine */
  readonly clock?: Clock;

  /** @default - a session that is to be encrypted is refused */
  readonly dataKey?: GetDataKey;

  /** @default - a session whose connection breaks is lost */
  readonly resume?: Resume;

  /** Gives the session up: it is terminated, and its promises fail. */
  readonly signal?: AbortSignal;

  /**
   * How long the agent has to open the session, in milliseconds.
   *
   * @default 30000
   */
  readonly openTimeoutMs?: number;
}
