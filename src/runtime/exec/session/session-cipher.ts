import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SessionEncryptionError } from './errors';

/** A key of KMS for one session, in the clear and as KMS has encrypted it. */
export interface DataKey {
  readonly plaintext: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** How many bytes a data key has: one half for each direction. */
export const DATA_KEY_BYTES = 64;

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts what is typed and decrypts what is shown. A nonce stands before, and a tag after what it belongs to. */
export class SessionCipher {
  private readonly agentKey: Uint8Array;
  private readonly clientKey: Uint8Array;

  /** @throws SessionEncryptionError */
  public constructor({ plaintext }: Pick<DataKey, 'plaintext'>) {
    if (plaintext.length !== DATA_KEY_BYTES) {
      throw new SessionEncryptionError(
        `the data key of the session has ${plaintext.length} bytes: ask KMS for one of ${DATA_KEY_BYTES}`,
      );
    }
    this.agentKey = plaintext.subarray(0, DATA_KEY_BYTES / 2);
    this.clientKey = plaintext.subarray(DATA_KEY_BYTES / 2);
  }

  public encrypt(bytes: Uint8Array): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.clientKey, nonce);
    return Buffer.concat([nonce, cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws SessionEncryptionError */
  public decrypt(bytes: Uint8Array): Buffer {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) {
      throw new SessionEncryptionError(
        `the agent has sent ${bytes.length} bytes as encrypted, fewer than encryption adds: it does not encrypt as it said`,
      );
    }
    const decipher = createDecipheriv(ALGORITHM, this.agentKey, bytes.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
    const clear = decipher.update(bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES));
    try {
      return Buffer.concat([clear, decipher.final()]);
    } catch (error) {
      throw new SessionEncryptionError(
        'what the agent has sent was not encrypted with the key of this session, or was changed on the way: open another session',
        { cause: error },
      );
    }
  }
}
