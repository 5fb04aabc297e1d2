import { MessageType } from './message-types';

/** The payload of an ACKNOWLEDGE message. */
export interface Acknowledgement {
  readonly AcknowledgedMessageType: MessageType | string;
  readonly AcknowledgedMessageId: string;
  readonly AcknowledgedMessageSequenceNumber: number;
  readonly IsSequentialMessage: boolean;
}

/** The payload of a CHANNEL_CLOSED message, as far as it is of use. */
export interface ChannelClosed {
  readonly SessionId?: string;
  /** Why, in the service's words; empty where the session has simply ended. */
  readonly Output?: string;
}

/** The size of a terminal, in characters. */
export interface TerminalSize {
  /** How many characters a line has. */
  readonly cols: number;

  /** How many lines there are. */
  readonly rows: number;
}

/** What the agent asks of the client before the session. */
export interface HandshakeRequest {
  readonly AgentVersion: string;
  readonly RequestedClientActions: ReadonlyArray<RequestedAction>;
}

export type RequestedAction =
  | { readonly ActionType: 'SessionType'; readonly ActionParameters: { readonly SessionType: string; readonly Properties?: unknown } }
  | { readonly ActionType: 'KMSEncryption'; readonly ActionParameters: { readonly KMSKeyId: string } }
  | { readonly ActionType: string; readonly ActionParameters: unknown };

export enum ActionStatus {
  SUCCESS = 1,
  FAILED = 2,
  UNSUPPORTED = 3,
}

export interface ProcessedAction {
  readonly ActionType: string;
  readonly ActionStatus: ActionStatus;
  readonly ActionResult: unknown;
  /** Empty where there was none. */
  readonly Error: string;
}

/** What the client answers. */
export interface HandshakeResponse {
  readonly ClientVersion: string;
  readonly ProcessedClientActions: ReadonlyArray<ProcessedAction>;
  readonly Errors: ReadonlyArray<string> | null;
}

/** The result of the action KMSEncryption: the data key as KMS has encrypted it, in base64. */
export interface KmsEncryptionResult {
  readonly KMSCipherTextKey: string;
}

/** The agent's last word before the session. */
export interface HandshakeComplete {
  /** In nanoseconds. */
  readonly HandshakeTimeToComplete: number;
  /** To be shown to the user; empty where there is nothing to say. */
  readonly CustomerMessage: string;
}

/** Encrypted bytes in base64, one way and, encrypted with the other key, back. */
export interface EncryptionChallenge {
  readonly Challenge: string;
}

/** The first frame of a connection, a text frame, from the client: it opens the session's data channel. */
export interface OpenDataChannel {
  readonly MessageSchemaVersion: '1.0';
  readonly RequestId: string;
  readonly TokenValue: string;
  readonly ClientId: string;
  readonly ClientVersion: string;
}
