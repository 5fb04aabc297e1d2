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
    const advice = error instanceof AwsCallError ? adviceOn(error, kmsKeyId) : undefined;
    if (advice) {
      const { message, failure, code, requestId } = error as AwsCallError;
      throw new AwsCallError(`${advice} (${message})`, failure, code, requestId, error);
    }
    throw error;
  }
}

/** What the key of a cluster may be, by KMS's name of the error, and what helps. */
const CURES: { readonly [code: string]: string } = {
  DisabledException: 'is disabled: enable it, or give the cluster another one',
  KMSInvalidStateException: 'cannot be used as it is, usually because it waits for its deletion: cancel that, or give the cluster another one',
  NotFoundException: 'does not exist in this region: give the cluster another one',
};

function adviceOn({ failure, code }: AwsCallError, kmsKeyId: string): string | undefined {
  if (failure === AwsFailure.PERMISSION) {
    return `the cluster encrypts sessions with ${kmsKeyId}: your credentials need kms:GenerateDataKey on it, and the task role kms:Decrypt`;
  }
  return CURES[code] && `the key ${kmsKeyId}, with which the cluster encrypts sessions, ${CURES[code]}`;
}
