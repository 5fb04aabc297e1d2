import { DATA_KEY_BYTES, DataKey, SessionCipher } from './session-cipher';
import {
  ActionStatus, HandshakeRequest, HandshakeResponse, KmsEncryptionResult, ProcessedAction, RequestedAction,
} from '../wire';

/** What a key of a session is asked for with. */
export interface DataKeyRequest {
  /** The key of KMS, as the agent names it. */
  readonly kmsKeyId: string;

  /** KMS gives the key back to the agent for the same context only. */
  readonly encryptionContext: Readonly<Record<string, string>>;

  readonly numberOfBytes: number;
}

/** Asks KMS for a key, as `kms:GenerateDataKey` does. */
export type GetDataKey = (request: DataKeyRequest) => Promise<DataKey>;

/** What a handshake is made with. */
export interface HandshakeProps {
  readonly sessionId: string;
  readonly targetId?: string;
  readonly clientVersion: string;
  readonly dataKey?: GetDataKey;
}

/** What came of a request of the agent. */
export interface HandshakeAnswer {
  readonly response: HandshakeResponse;
  /** Where the session is encrypted. */
  readonly cipher?: SessionCipher;
  /** Where the session cannot be. */
  readonly refused?: { readonly why: string; readonly cause?: unknown };
}

/** All of them are terminals for a client; what runs in them differs. */
const SESSION_TYPES: readonly string[] = ['Standard_Stream', 'InteractiveCommands', 'NonInteractiveCommands'];

class Refusal extends Error {}

/** Does what the agent asks for before the session, as far as this client can. */
export async function answerHandshake(request: Partial<HandshakeRequest>, props: HandshakeProps): Promise<HandshakeAnswer> {
  const actions: ProcessedAction[] = [];
  let cipher: SessionCipher | undefined;
  let refused: HandshakeAnswer['refused'];
  for (const action of request.RequestedClientActions ?? []) {
    try {
      if (action.ActionType === 'SessionType') {
        checkSessionType(action);
        actions.push(processed(action, null));
      } else if (action.ActionType === 'KMSEncryption') {
        const encryption = await startEncryption(action, props);
        cipher = encryption.cipher;
        actions.push(processed(action, encryption.result));
      } else {
        // It is for the agent to say whether it goes on without.
        actions.push(failed(action, ActionStatus.UNSUPPORTED, `Unsupported action ${action.ActionType}`));
      }
    } catch (error) {
      const why = (error as Error).message;
      refused ??= { why, cause: error instanceof Refusal ? error.cause : error };
      actions.push(failed(action, ActionStatus.FAILED, `Failed to process action ${action.ActionType}: ${why}`));
    }
  }
  const errors = actions.map(({ Error: error }) => error).filter((error) => error !== '');
  return {
    response: {
      ClientVersion: props.clientVersion,
      ProcessedClientActions: actions,
      Errors: errors.length === 0 ? null : errors,
    },
    cipher,
    refused,
  };
}

function checkSessionType({ ActionParameters: parameters }: RequestedAction): void {
  const type = (parameters as { SessionType?: unknown } | null)?.SessionType;
  if (typeof type !== 'string' || !SESSION_TYPES.includes(type)) {
    throw new Refusal(`the type of the session is ${type}, and this client has terminals only (${SESSION_TYPES.join(', ')})`);
  }
}

async function startEncryption(
  { ActionParameters: parameters }: RequestedAction,
  { sessionId, targetId, dataKey }: HandshakeProps,
): Promise<{ readonly cipher: SessionCipher; readonly result: KmsEncryptionResult }> {
  const kmsKeyId = (parameters as { KMSKeyId?: unknown } | null)?.KMSKeyId;
  if (typeof kmsKeyId !== 'string' || kmsKeyId === '') {
    throw new Refusal('the session is to be encrypted, and the agent names no key of KMS for it');
  }
  if (!dataKey) {
    throw new Refusal(`the session is to be encrypted with the key ${kmsKeyId}, and nothing was given that asks KMS for it`);
  }
  let key: DataKey;
  try {
    key = await dataKey({
      kmsKeyId,
      encryptionContext: {
        'aws:ssm:SessionId': sessionId,
        ...(targetId === undefined ? {} : { 'aws:ssm:TargetId': targetId }),
      },
      numberOfBytes: DATA_KEY_BYTES,
    });
  } catch (error) {
    throw new Refusal(`KMS gives no data key of ${kmsKeyId} for the session: ${(error as Error).message}`, { cause: error });
  }
  return {
    cipher: new SessionCipher(key),
    result: { KMSCipherTextKey: Buffer.from(key.ciphertext).toString('base64') },
  };
}

function processed({ ActionType }: RequestedAction, result: unknown): ProcessedAction {
  return { ActionType, ActionStatus: ActionStatus.SUCCESS, ActionResult: result, Error: '' };
}

function failed({ ActionType }: RequestedAction, status: ActionStatus, error: string): ProcessedAction {
  return { ActionType, ActionStatus: status, ActionResult: null, Error: error };
}
