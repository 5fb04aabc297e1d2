import { createHash } from 'node:crypto';
import { DataChannels } from '../../../../local-aws/exec-gateway/service/data-channels';
import { runInteractive } from '../../../../src/runtime/exec/interactive';
import { Clock, Session, SYSTEM_CLOCK } from '../../../../src/runtime/exec/session';
import { WatchedSession } from '../../../../src/runtime/exec/watched-session';
import { TerminalSize } from '../../../../src/runtime/exec/wire';
import { memoryConnect } from '../../../local-aws/exec-gateway/memory-network';
import { ScriptedTerminal } from '../../../local-aws/exec-gateway/scripted-terminal';

/**
 * A program that puts its terminal through to a session, with the agent in the same process.
 *
 * The remote terminal shows in hexadecimal digits what was typed, and some of that makes something happen.
 */
class RemoteTerminal extends ScriptedTerminal {
  public readonly reactions: { readonly [typed: string]: () => void } = {
    'quit;': () => this.end(),
    'editor;': () => this.show('\x1b[?1049h\x1b[?25l\x1b[?2004hediting'),
    'bare;': () => this.show('a\nb'),
    'sum;': () => this.show(`sum ${this.typed.length} ${createHash('sha256').update(this.typed).digest('hex')}\r\n`),
    'crash;': () => setImmediate(() => { throw new Error('a bug of ours'); }),
    'exit;': () => setImmediate(() => process.exit(5)),
    'abort;': () => stop.abort(new Error('it was called off')),
  };

  public override write(data: Buffer): boolean {
    super.write(data);
    if (data.length < 100) {
      this.show(`<${data.toString('hex')}>`);
    }
    const end = this.typed.subarray(-10).toString('latin1');
    Object.entries(this.reactions).find(([typed]) => end.endsWith(typed))?.[1]();
    return true;
  }

  public override async resize(size: TerminalSize): Promise<void> {
    await super.resize(size);
    this.show(`size ${size.cols}x${size.rows};`);
  }

  public override hangUp(): void {
    super.hangUp();
    this.end();
  }
}

/** The agent remembers sessions that are over for a minute, for which nobody waits here. */
const AGENT_CLOCK: Clock = {
  now: () => performance.now(),
  after: (milliseconds, callback) => {
    const timer = setTimeout(callback, milliseconds).unref();
    return () => clearTimeout(timer);
  },
};

const stop = new AbortController();

async function main(): Promise<void> {
  const channels = new DataChannels();
  const { token } = channels.open({ sessionId: 's-1', terminal: new RemoteTerminal(), clock: AGENT_CLOCK });
  const session = await Session.open({
    sessionId: 's-1', streamUrl: 'ws://localhost/s-1', tokenValue: token, clientVersion: '1.2.677.0', connect: memoryConnect(channels, SYSTEM_CLOCK),
  });
  const watched = new WatchedSession(session, async () => undefined, { sessionSignal: stop.signal });
  const end = await runInteractive(watched);
  console.log(`ended ${JSON.stringify(end)}`);
}

main().catch((error: Error) => {
  console.log(`failed: ${error.message}`);
  process.exitCode = 1;
});
