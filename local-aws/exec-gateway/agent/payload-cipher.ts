import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The agent's half of an encrypted session: AES-GCM, with one key for each direction. */
export class PayloadCipher {
  private readonly agentKey: Buffer;
  private readonly clientKey: Buffer;

  /** @param dataKey the 64 bytes that the client has got from KMS */
  public constructor(dataKey: Buffer) {
    if (dataKey.length !== 2 * KEY_BYTES) {
      throw new Error(`the data key has ${dataKey.length} bytes instead of ${2 * KEY_BYTES}`);
    }
    this.agentKey = dataKey.subarray(0, KEY_BYTES);
    this.clientKey = dataKey.subarray(KEY_BYTES);
  }

  public encrypt(plain: Buffer): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.agentKey, nonce);
    return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  }

  /** @throws an error where it was not encrypted with the client's key, or was changed */
  public decrypt(encrypted: Buffer): Buffer {
    const end = encrypted.length - TAG_BYTES;
    if (end < NONCE_BYTES) {
      throw new Error(`an encrypted payload has at least ${NONCE_BYTES + TAG_BYTES} bytes, this one has ${encrypted.length}`);
    }
    const decipher = createDecipheriv('aes-256-gcm', this.clientKey, encrypted.subarray(0, NONCE_BYTES));
    decipher.setAuthTag(encrypted.subarray(end));
    return Buffer.concat([decipher.update(encrypted.subarray(NONCE_BYTES, end)), decipher.final()]);
  }
}
