/** The emulator, as an agent in a container would call AWS. */
export interface EmulatorOptions {
  /** As in AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  readonly region: string;
  readonly accountId: string;
}

/** A refusal of the emulator, in AWS's words. */
export class EmulatorError extends Error {
  public override readonly name = 'EmulatorError';
}

/** The three calls that an agent makes: the SDK would be a thousand times their size. */
export class EmulatorApi {
  public constructor(private readonly options: EmulatorOptions) {}

  /** Decrypts a data key; KMS refuses where the encryption context is another one. */
  public async decrypt(keyId: string, encrypted: Buffer, context: { readonly [name: string]: string }): Promise<Buffer> {
    const { Plaintext } = await this.json<{ Plaintext: string }>('kms', 'TrentService.Decrypt', {
      KeyId: keyId, CiphertextBlob: encrypted.toString('base64'), EncryptionContext: context,
    });
    return Buffer.from(Plaintext, 'base64');
  }

  public async createLogStream(group: string, stream: string): Promise<void> {
    await this.json('logs', 'Logs_20140328.CreateLogStream', { logGroupName: group, logStreamName: stream });
  }

  public async putLogEvents(group: string, stream: string, events: Array<{ readonly timestamp: number; readonly message: string }>): Promise<void> {
    await this.json('logs', 'Logs_20140328.PutLogEvents', { logGroupName: group, logStreamName: stream, logEvents: events });
  }

  public async putObject(bucket: string, key: string, body: Buffer): Promise<void> {
    const path = key.split('/').map(encodeURIComponent).join('/');
    await this.send('s3', `/${bucket}/${path}`, { method: 'PUT', body: new Uint8Array(body) }, { 'Content-Type': 'text/plain' });
  }

  private async json<T>(service: string, target: string, body: object): Promise<T> {
    const text = await this.send(service, '/', { method: 'POST', body: JSON.stringify(body) },
      { 'X-Amz-Target': target, 'Content-Type': 'application/x-amz-json-1.1' });
    return (text ? JSON.parse(text) : {}) as T;
  }

  private async send(service: string, path: string, init: RequestInit, headers: { [name: string]: string }): Promise<string> {
    const { endpoint, region, accountId } = this.options;
    const response = await fetch(`${endpoint}${path}`, {
      ...init,
      // The key names the account, and the scope the region and the service; the emulator verifies no signature.
      headers: {
        ...headers,
        Authorization: `AWS4-HMAC-SHA256 Credential=${accountId}/20260101/${region}/${service}/aws4_request, `
        + 'SignedHeaders=host, Signature=local',
      },
    });
    const text = await response.text();
    if (!response.ok) {
      throw new EmulatorError(messageIn(text) || `${service} has answered with the status ${response.status}`);
    }
    return text;
  }
}

function messageIn(text: string): string {
  try {
    const { __type: type = '', message, Message } = JSON.parse(text) as { __type?: string; message?: string; Message?: string };
    return [type.split('#').at(-1), message ?? Message].filter(Boolean).join(': ');
  } catch {
    return /<Code>.*<\/Code>/.exec(text)?.[0].replace(/<\/?Code>/g, '') ?? '';
  }
}
