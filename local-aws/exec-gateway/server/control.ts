import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isFromProgram } from './origin-check';
import { SessionRequest, Sessions } from './sessions';

const LARGEST_REQUEST = 1024 * 1024;

/**
 * The part of the server that the emulator speaks to, and nobody without its secret.
 *
 *   POST /sessions                a SessionRequest; answers with the session's id and its token
 *   POST /sessions/ID/resume      answers with another token, or with null for a session that is over
 *   DELETE /sessions/ID           ends it
 */
export class Control {
  public constructor(private readonly sessions: Sessions, private readonly secret: string) {}

  public async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [status, body] = await this.act(request).catch((error: Error) => [400, { message: error.message }] as const);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  }

  private async act(request: IncomingMessage): Promise<readonly [number, object]> {
    if (!isFromProgram(request) || !same(request.headers.authorization ?? '', `Bearer ${this.secret}`)) {
      return [403, { message: 'this is for the emulator only' }];
    }
    const [, collection, sessionId, action] = (request.url ?? '').split('/');
    if (collection === 'sessions' && request.method === 'POST' && sessionId === undefined) {
      return [200, this.sessions.open(JSON.parse(await bodyOf(request)) as SessionRequest)];
    } else if (collection === 'sessions' && request.method === 'POST' && action === 'resume') {
      return [200, { tokenValue: this.sessions.resume(sessionId) ?? null }];
    } else if (collection === 'sessions' && request.method === 'DELETE') {
      return [200, { terminated: this.sessions.terminate(sessionId) }];
    }
    return [404, { message: `there is no ${request.method} ${request.url}` }];
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > LARGEST_REQUEST) {
      throw new Error(`the request has more than ${LARGEST_REQUEST} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

function same(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
