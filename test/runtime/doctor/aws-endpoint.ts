import { once } from 'node:events';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { AwsConnection } from '../../../src/runtime/aws-connection';

/** What is answered to an action: a body, with 200 unless it says otherwise. */
export type Answer = string | object | { readonly status: number; readonly body: string | object };

/** An AWS that knows the given actions only, and of what was asked remembers the names. */
export class AwsEndpoint {
  public static async open(answers: { readonly [action: string]: Answer }): Promise<AwsEndpoint> {
    const endpoint = new AwsEndpoint(answers);
    endpoint.server.listen(0, '127.0.0.1');
    await once(endpoint.server, 'listening');
    return endpoint;
  }

  public readonly asked: string[] = [];
  private readonly server: Server;
  private readonly connections: AwsConnection[] = [];

  private constructor(private readonly answers: { readonly [action: string]: Answer }) {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        const action = String(request.headers['x-amz-target'] ?? `.${new URLSearchParams(body).get('Action')}`).split('.').pop()!;
        this.asked.push(action);
        const answer = this.answers[action] ?? { status: 400, body: failure('NotExpected', action) };
        const { status, body: text } = typeof answer === 'object' && 'status' in answer
          ? answer as { status: number; body: string | object }
          : { status: 200, body: answer };
        response.writeHead(status, { 'Content-Type': typeof text === 'string' ? 'text/xml' : 'application/x-amz-json-1.1' });
        response.end(typeof text === 'string' ? text : JSON.stringify(text));
      });
    });
  }

  public get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public connect(): AwsConnection {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' });
    const connection = new AwsConnection({ region: 'eu-west-1', endpoint: this.url });
    this.connections.push(connection);
    return connection;
  }

  public async close(): Promise<void> {
    this.connections.forEach(connection => connection.close());
    this.server.close();
    await once(this.server, 'close');
  }
}

/** A refusal, as the services with XML have it. */
export function failure(code: string, message: string): string {
  return `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>r-1</RequestID></Response>`;
}

/** A refusal of STS, which puts it differently. */
export function stsFailure(code: string, message: string): string {
  return `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`;
}

export const CALLER = '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ann</Arn>'
  + '<Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>';

/** The regions by their states. */
export function regions(states: { readonly [region: string]: string }): string {
  const items = Object.entries(states).map(([name, state]) => `<item><regionName>${name}</regionName><optInStatus>${state}</optInStatus></item>`);
  return `<DescribeRegionsResponse><regionInfo>${items.join('')}</regionInfo></DescribeRegionsResponse>`;
}

/** VPCs with all their blocks, the first of which is the primary one. */
export function vpcs(blocks: { readonly [vpcId: string]: string[] }): string {
  const items = Object.entries(blocks).map(([vpcId, cidrs]) => `<item><vpcId>${vpcId}</vpcId><state>available</state><cidrBlock>${cidrs[0]}</cidrBlock>`
    + `<cidrBlockAssociationSet>${cidrs.map(cidr => `<item><cidrBlock>${cidr.replace('gone:', '')}</cidrBlock>`
    + `<cidrBlockState><state>${cidr.startsWith('gone:') ? 'disassociated' : 'associated'}</state></cidrBlockState></item>`).join('')}</cidrBlockAssociationSet></item>`);
  return `<DescribeVpcsResponse><vpcSet>${items.join('')}</vpcSet></DescribeVpcsResponse>`;
}
