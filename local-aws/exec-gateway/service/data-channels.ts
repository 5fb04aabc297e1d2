import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';
import type { OpenDataChannel } from '../../../src/runtime/exec/wire';
import { Agent, AgentOptions } from '../agent/agent';

/** How long a session that is over is remembered, in milliseconds. */
const REMEMBER = 60_000;

interface Entry {
  readonly agent: Agent;
  token: string;
}

/** What the service does between agents and clients: it lets those in who have a session's token. */
export class DataChannels {
  private readonly entries = new Map<string, Entry>();
  private readonly forgetting = new Map<string, () => void>();

  /** Makes a session; the token is the client's way in. */
  public open(options: AgentOptions): { readonly agent: Agent; readonly token: string } {
    const agent = new Agent(options);
    const entry = { agent, token: newToken() };
    this.entries.set(options.sessionId, entry);
    void agent.closed.then(() => this.forgetting.set(options.sessionId, options.clock.after(REMEMBER, () => {
      this.entries.delete(options.sessionId);
      this.forgetting.delete(options.sessionId);
    })));
    return entry;
  }

  public find(sessionId: string): Agent | undefined {
    return this.entries.get(sessionId)?.agent;
  }

  /** Ends all sessions, and forgets them. */
  public async close(): Promise<void> {
    const agents = [...this.entries.values()].map(({ agent }) => agent);
    agents.forEach(agent => agent.terminate());
    await Promise.all(agents.map(({ closed }) => closed));
    this.forgetting.forEach(cancel => cancel());
    this.entries.clear();
  }

  /** Gives a new token, which takes the place of the earlier one; undefined where the session is over. */
  public resume(sessionId: string): string | undefined {
    const entry = this.entries.get(sessionId);
    if (entry === undefined || entry.agent.isOver) {
      return undefined;
    }
    return entry.token = newToken();
  }

  /** Takes a client's connection, whose first frame has to show the token. */
  public accept(sessionId: string, connection: Transport): TransportEvents {
    let attached: TransportEvents | undefined;
    return {
      onFrame: frame => {
        if (attached !== undefined) {
          attached.onFrame(frame);
          return;
        }
        const entry = this.entries.get(sessionId);
        if (entry === undefined || entry.agent.isOver || !sameToken(tokenOf(frame), entry.token)) {
          connection.close();
          return;
        }
        attached = entry.agent.attach(connection);
      },
      onClosed: why => attached?.onClosed(why),
    };
  }
}

function newToken(): string {
  return randomBytes(48).toString('base64url');
}

function tokenOf(frame: string | Buffer): string {
  try {
    return String((JSON.parse(frame.toString()) as OpenDataChannel).TokenValue);
  } catch {
    return '';
  }
}

function sameToken(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
