import { AwsCallError, AwsFailure } from '../aws-call-error';
import { AwsConnection } from '../aws-connection';
import { VastRuntimeError } from '../errors';
import { DataKey, DataKeyRequest } from './session';

/** Has KMS make a key for a session, in the clear for us and encrypted for the agent. */
export async function sessionKey(connection: AwsConnection, { kmsKeyId, encryptionContext, numberOfBytes }: DataKeyRequest): Promise<DataKey> {
  try {
    const { Plaintext, CiphertextBlob } = await connection.use('kms', (client, { GenerateDataKeyCommand }) => client.send(new GenerateDataKeyCommand({
      KeyId: kmsKeyId, NumberOfBytes: numberOfBytes, EncryptionContext: { ...encryptionContext },
    })));
    if (!Plaintext || !CiphertextBlob) {
      throw new VastRuntimeError(`KMS has answered without the key that it was asked to make with ${kmsKeyId}: try again`);
    }
    return { plaintext: Plaintext, ciphertext: CiphertextBlob };
  } catch (error) {
    if (error instanceof AwsCallError && error.failure === AwsFailure.PERMISSION) {
      throw new AwsCallError(`the cluster encrypts sessions with ${kmsKeyId}: your credentials need kms:GenerateDataKey on it, and the task role kms:Decrypt `
        + `(${error.message})`, error.failure, error.code, error.requestId, error);
    }
    throw error;
  }
}
