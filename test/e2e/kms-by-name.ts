import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net, { AddressInfo } from 'node:net';
import path from 'node:path';

/**
 * KMS under its name on AWS, by which the plugin calls it whatever the endpoint of the rest is: a proxy that leads every
 * name to the local AWS, with a certificate of its own.
 */
export class KmsByName {
  /** Undefined where there is no `openssl` to make a certificate with. */
  public static async start(endpoint: string, region: string, directory: string): Promise<KmsByName | undefined> {
    const [key, certificate] = ['key.pem', 'certificate.pem'].map(name => path.join(directory, name));
    const name = `kms.${region}.amazonaws.com`;
    const { status } = spawnSync('openssl', [
      'req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', certificate, '-subj', `/CN=${name}`,
      '-addext', `subjectAltName=DNS:${name}`,
    ]);
    if (status !== 0) {
      return undefined;
    }
    const kms = https.createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (request, response) => {
      // The local AWS knows the service by the signature, and serves no request to another host than itself.
      const headers = { ...request.headers, host: new URL(endpoint).host };
      const onward = http.request(endpoint, { method: request.method, path: request.url, headers }, answer => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    const proxy = http.createServer().on('connect', (_request, client, head) => {
      const onward = net.connect((kms.address() as AddressInfo).port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.write(head);
        onward.pipe(client).pipe(onward);
      });
      for (const socket of [client, onward]) socket.on('error', () => socket.destroy());
    });
    for (const server of [kms, proxy]) {
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    }
    return new KmsByName([kms, proxy], { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, AWS_CA_BUNDLE: certificate });
  }

  private constructor(private readonly servers: http.Server[], public readonly env: NodeJS.ProcessEnv) {}

  public close(): void {
    this.servers.forEach(server => {
      server.close();
      server.closeAllConnections();
    });
  }
}
