import { VirtualClock } from './virtual-clock';
import type { Agent } from '../../../../local-aws/exec-gateway/agent/agent';
import { NO_QUIRKS } from '../../../../local-aws/exec-gateway/agent/quirks';
import { Faults } from '../../../../local-aws/exec-gateway/faults/faults';
import { FaultCounts, FaultyNetwork } from '../../../../local-aws/exec-gateway/faults/faulty-network';
import { SeededRandom } from '../../../../local-aws/exec-gateway/faults/seeded-random';
import { DataChannels } from '../../../../local-aws/exec-gateway/service/data-channels';
import { VastRuntimeError } from '../../../../src/runtime/errors';
import { Session } from '../../../../src/runtime/exec/session';
import { memoryConnect } from '../../../local-aws/exec-gateway/memory-network';
import { ScriptedTerminal } from '../../../local-aws/exec-gateway/scripted-terminal';

/** How a session through a faulty network has ended: whole, with the error of that name, with wrong bytes, or not at all. */
interface Outcome {
  readonly how: string;
  readonly why: string;
  readonly counts: FaultCounts;
}

/** No session lasts longer. */
const LONGEST_MS = 20 * 60_000;

/** The faults of one schedule: each kind in two of three, from seldom to often. */
function faultsOf(seed: number): Faults {
  const random = new SeededRandom(seed);
  const chance = (most: number): number => (random.happens(2 / 3) ? random.next() * most : 0);
  return {
    seed,
    drop: chance(0.3),
    duplicate: chance(0.3),
    reorder: chance(0.5),
    delay: chance(0.2),
    delayMilliseconds: 1 + random.below(1500),
    corrupt: chance(0.3),
    cut: chance(0.02),
    pause: chance(0.05),
  };
}

/** A session with some kilobytes in both directions at once, through the faults of the seed. */
async function holdSession(seed: number): Promise<Outcome> {
  const random = new SeededRandom(seed + 1_000_000);
  const clock = new VirtualClock();
  const channels = new DataChannels();
  const terminal = new ScriptedTerminal();
  const network = new FaultyNetwork(faultsOf(seed), clock);
  const chunkBytes = 1 + random.below(400);
  const { agent, token } = channels.open({
    sessionId: 's-1', terminal, clock, quirks: { ...NO_QUIRKS, chunkBytes }, idleMilliseconds: 2 * LONGEST_MS,
  });
  const output = randomBytes(random, random.below(40 * chunkBytes));
  const input = randomBytes(random, random.below(3000));
  const heard: Buffer[] = [];
  const run = async (): Promise<void> => {
    const session = await Session.open({
      sessionId: 's-1',
      streamUrl: 'wss://there/s-1',
      tokenValue: token,
      clientVersion: '1.0.0',
      clock,
      openTimeoutMs: 120_000,
      connect: memoryConnect(behind(network, channels), clock, 1 + random.below(80)),
      resume: async () => {
        const tokenValue = channels.resume('s-1');
        return tokenValue === undefined ? undefined : { streamUrl: 'wss://there/s-1', tokenValue };
      },
    });
    const slow = random.happens(0.3);
    session.onOutput(data => {
      heard.push(Buffer.from(data));
      return slow ? new Promise(resolve => clock.after(5, resolve)) : undefined;
    });
    terminal.show(output);
    for (let at = 0; at < input.length;) {
      const length = 1 + random.below(300);
      await session.write(input.subarray(at, at + length));
      at += length;
    }
    endWhenTyped(agent, terminal, input.length, clock);
    await session.ended;
  };
  let how: string | undefined;
  let why = '';
  run().then(() => { how = 'whole'; }, (error: Error) => {
    how = error instanceof VastRuntimeError ? error.name : 'wrong';
    why = error.message;
  });
  if (!await clock.cameToBe(() => how !== undefined, LONGEST_MS)) {
    how = 'stuck';
  }
  const shown = Buffer.concat(heard);
  if (how === 'whole' && !(shown.equals(output) && terminal.typed.equals(input))) {
    how = 'wrong';
    why = `${shown.length} of ${output.length} bytes were shown, ${terminal.typed.length} of ${input.length} were typed`;
  } else if (!isBeginning(shown, output) || !isBeginning(terminal.typed, input)) {
    how = 'wrong';
    why = 'what arrived before the failure is not how it begins';
  }
  return { how: how as string, why, counts: network.counts };
}

/** What came of many schedules. */
export interface Tally {
  /** How many ended in which way. */
  readonly outcomes: { readonly [how: string]: number };
  /** How many faults there were of each kind. */
  readonly faults: FaultCounts;
  /** What must not be, by seed. */
  readonly wrong: string[];
}

export async function holdSessions(seeds: number, firstSeed = 0): Promise<Tally> {
  const outcomes: { [how: string]: number } = {};
  const faults: FaultCounts = { drop: 0, duplicate: 0, reorder: 0, delay: 0, corrupt: 0, cut: 0, pause: 0, split: 0 };
  const wrong: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { how, why, counts } = await holdSession(seed);
    outcomes[how] = (outcomes[how] ?? 0) + 1;
    for (const kind of Object.keys(faults) as Array<keyof FaultCounts>) {
      faults[kind] += counts[kind];
    }
    if (how === 'wrong' || how === 'stuck') {
      wrong.push(`seed ${seed}: ${how} ${why}`);
    }
  }
  return { outcomes, faults, wrong };
}

/** The program ends when it has read all that is typed. */
function endWhenTyped(agent: Agent, terminal: ScriptedTerminal, length: number, clock: VirtualClock): void {
  if (terminal.typed.length >= length) {
    terminal.end();
  } else if (!agent.isOver) {
    clock.after(50, () => endWhenTyped(agent, terminal, length, clock));
  }
}

/** The service behind such a network, which still gets through what the service says before it hangs up. */
function behind(network: FaultyNetwork, channels: DataChannels): Pick<DataChannels, 'accept'> {
  return {
    accept: (sessionId, connection) => {
      const { transport, events } = network.between(connection, {
        onFrame: frame => agent.onFrame(frame),
        onClosed: why => agent.onClosed(why),
      }, 'agent');
      const agent = channels.accept(sessionId, transport);
      return events;
    },
  };
}

function isBeginning(part: Buffer, whole: Buffer): boolean {
  return part.equals(whole.subarray(0, part.length));
}

function randomBytes(random: SeededRandom, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}
