import { randomBytes } from 'node:crypto';
import { recording } from './frame-recorder';
import { SYSTEM_CLOCK } from '../../../src/runtime/exec/session/clock';
import type { Transport, TransportEvents } from '../../../src/runtime/exec/session/transport';
import type { Quirks } from '../agent/quirks';
import { EmulatorApi, EmulatorOptions } from '../aws/emulator-api';
import { SessionLog, SessionLogOptions } from '../aws/session-log';
import { ContainerTerminal } from '../docker/container-terminal';
import { DockerEngine } from '../docker/docker-engine';
import { Faults } from '../faults/faults';
import { FaultyNetwork } from '../faults/faulty-network';
import { DataChannels } from '../service/data-channels';

/** What a session is made of, as the emulator says it. */
export interface SessionRequest {
  readonly containerId: string;
  readonly command: string;

  /** @default 0, root: as whom the agent runs commands */
  readonly user?: string;

  /** The target, as the encryption context names it. */
  readonly target: string;

  /** Where the agent's calls of AWS go; there are none without a key or a log. */
  readonly emulator?: EmulatorOptions;
  readonly kmsKeyId?: string;
  readonly log?: SessionLogOptions;

  readonly quirks?: Partial<Quirks>;
  readonly faults?: Faults;
  readonly idleMilliseconds?: number;
  readonly goneMilliseconds?: number;

  /** A file that gets every frame, for tests. */
  readonly recordFile?: string;
}

/** How long the end of the process waits for programs that heed no SIGHUP. */
const LAST_GRACE = 6000;

/** The sessions of this gateway, each with its command. */
export class Sessions {
  private readonly channels = new DataChannels();
  private readonly engine = new DockerEngine();
  private readonly ways = new Map<string, (transport: Transport) => TransportEvents>();
  private readonly endings = new Set<Promise<unknown>>();

  public constructor(private readonly tell: (what: string) => void) {}

  public open(request: SessionRequest): { readonly sessionId: string; readonly tokenValue: string } {
    const sessionId = `ecs-execute-command-${randomBytes(9).toString('hex').slice(1)}`;
    const tell = (what: string) => this.tell(`${sessionId}: ${what}`);
    const emulator = request.emulator && new EmulatorApi(request.emulator);
    const log = request.log && emulator && new SessionLog(sessionId, request.log, emulator);
    const terminal = new ContainerTerminal(this.engine, { user: '0', ...request }, tell);
    const { agent, token } = this.channels.open({
      sessionId,
      terminal,
      clock: SYSTEM_CLOCK,
      quirks: request.quirks,
      idleMilliseconds: request.idleMilliseconds,
      goneMilliseconds: request.goneMilliseconds,
      onComplaint: tell,
      onOutput: log && (output => log.add(output)),
      encryption: request.kmsKeyId !== undefined && emulator ? {
        keyId: request.kmsKeyId,
        decryptDataKey: encrypted => emulator.decrypt(request.kmsKeyId as string, encrypted, {
          'aws:ssm:SessionId': sessionId, 'aws:ssm:TargetId': request.target,
        }),
      } : undefined,
    });
    tell(`runs ${JSON.stringify(request.command)} in the container ${request.containerId.slice(0, 12)}`);
    this.ways.set(sessionId, this.way(sessionId, request));
    void agent.closed.then(message => {
      this.ways.delete(sessionId);
      tell(`is over${message ? `: ${message.trim()}` : ''}`);
      this.remember(terminal.gone);
      this.remember(log?.upload().catch((error: Error) => tell(`its log is lost: ${error.message}`)));
    });
    return { sessionId, tokenValue: token };
  }

  /** A new token; undefined where the session is over. */
  public resume(sessionId: string): string | undefined {
    return this.channels.resume(sessionId);
  }

  /** Ends a session; says whether there was one. */
  public terminate(sessionId: string): boolean {
    const agent = this.channels.find(sessionId);
    agent?.terminate();
    return agent !== undefined;
  }

  public accept(sessionId: string, transport: Transport): TransportEvents {
    const way = this.ways.get(sessionId) ?? ((plain: Transport) => this.channels.accept(sessionId, plain));
    return way(transport);
  }

  /** Ends everything, and waits a while for the programs. */
  public async close(): Promise<void> {
    await this.channels.close();
    await Promise.race([Promise.allSettled(this.endings), new Promise(resolve => setTimeout(resolve, LAST_GRACE).unref())]);
  }

  /** How a session's connections come in: through the network that was asked for. */
  private way(sessionId: string, { faults, recordFile }: SessionRequest): (transport: Transport) => TransportEvents {
    const network = faults && new FaultyNetwork(faults, SYSTEM_CLOCK);
    const accept = (transport: Transport) => {
      if (network === undefined) {
        return this.channels.accept(sessionId, transport);
      }
      // The network needs its listener, and the listener the network's transport: what comes first is the relay between them.
      let events: TransportEvents | undefined;
      const faulty = network.between(transport, { onFrame: frame => events?.onFrame(frame), onClosed: why => events?.onClosed(why) }, 'agent');
      events = this.channels.accept(sessionId, faulty.transport);
      return faulty.events;
    };
    return recordFile === undefined ? accept : transport => recording(transport, accept, recordFile);
  }

  private remember(ending: Promise<unknown> | undefined): void {
    if (ending !== undefined) {
      this.endings.add(ending);
      void ending.finally(() => this.endings.delete(ending));
    }
  }
}
