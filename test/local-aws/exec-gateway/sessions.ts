import { memoryConnect } from './memory-network';
import { PlainClient } from './plain-client';
import { ScriptedTerminal } from './scripted-terminal';
import type { Agent, AgentOptions } from '../../../local-aws/exec-gateway/agent/agent';
import { NO_QUIRKS } from '../../../local-aws/exec-gateway/agent/quirks';
import { DataChannels } from '../../../local-aws/exec-gateway/service/data-channels';
import type { Connect } from '../../../src/runtime/exec/session/transport';
import { VirtualClock } from '../../runtime/exec/session/virtual-clock';

/** A session with a terminal that a test plays. */
export interface TestSession {
  readonly clock: VirtualClock;
  readonly channels: DataChannels;
  readonly terminal: ScriptedTerminal;
  readonly agent: Agent;
  readonly client: PlainClient;
  readonly token: string;
}

/** The agent has no quirks unless they are asked for. */
export function makeSession(
  options: Partial<AgentOptions> = {}, through: (connect: Connect, clock: VirtualClock) => Connect = connect => connect,
): TestSession {
  const clock = new VirtualClock();
  const channels = new DataChannels();
  const terminal = new ScriptedTerminal();
  const { agent, token } = channels.open({ sessionId: 's-1', terminal, clock, quirks: NO_QUIRKS, ...options });
  const client = new PlainClient(clock, through(memoryConnect(channels, clock), clock), 'ws://localhost/v1/data-channel/s-1');
  return { clock, channels, terminal, agent, client, token };
}

/** One whose handshake is through. */
export async function startSession(...how: Parameters<typeof makeSession>): Promise<TestSession> {
  const session = makeSession(...how);
  await session.client.connect(session.token);
  await session.clock.until(() => session.client.complete !== undefined, 1000);
  return session;
}
