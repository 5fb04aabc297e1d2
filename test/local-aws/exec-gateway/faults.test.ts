import { randomBytes, randomUUID } from 'node:crypto';
import { makeSession } from './sessions';
import type { Faults } from '../../../local-aws/exec-gateway/faults/faults';
import { FaultyNetwork } from '../../../local-aws/exec-gateway/faults/faulty-network';
import { SeededRandom } from '../../../local-aws/exec-gateway/faults/seeded-random';
import { decodeMessage, encodeMessage, MessageType } from '../../../src/runtime/exec/wire';
import { VirtualClock } from '../../runtime/exec/session/virtual-clock';

/** Some output and input through such a network; the session's ends compared. */
async function hold(faults: Faults) {
  let network: FaultyNetwork | undefined;
  const { client, clock, terminal, channels, token } = makeSession({}, (connect, itsClock) => {
    network = new FaultyNetwork(faults, itsClock);
    return network.connecting(connect);
  });
  await client.connect(token, () => channels.resume('s-1'));
  await clock.until(() => client.complete !== undefined, 60_000);
  const output = randomBytes(40_000);
  terminal.show(output);
  for (let index = 0; index < 30; index++) {
    client.type(`line ${index}\n`);
    await clock.advance(10);
  }
  await clock.until(() => client.output.length >= output.length && client.owed === 0, 600_000);
  terminal.end();
  await clock.advance(5000);
  const typed = Array.from({ length: 30 }, (_, index) => `line ${index}\n`).join('');
  return { network: network as FaultyNetwork, same: client.output.equals(output) && terminal.typed.toString() === typed };
}

test.each<[string, Omit<Faults, 'seed'>]>([
  ['drop', { drop: 0.2 }], ['duplicate', { duplicate: 0.3 }], ['reorder', { reorder: 0.5 }], ['delay', { delay: 0.1 }],
  ['corrupt', { corrupt: 0.2 }], ['cut', { cut: 0.01 }], ['pause', { pause: 0.05 }],
])('a session outlives the fault %s', async (fault, faults) => {
  const { network, same } = await hold({ seed: 7, ...faults });
  expect(network.counts[fault as keyof typeof network.counts]).toBeGreaterThan(0);
  expect(same).toBe(true);
});

test('and all of them together, with many seeds', async () => {
  for (let seed = 0; seed < 20; seed++) {
    const { same } = await hold({ seed, drop: 0.05, duplicate: 0.05, reorder: 0.1, delay: 0.05, corrupt: 0.02, cut: 0.002, pause: 0.01 });
    expect([seed, same]).toEqual([seed, true]);
  }
});

test('what a client sends although it was told to pause is lost, and counted', async () => {
  const clock = new VirtualClock();
  const network = new FaultyNetwork({ seed: 1, pause: 1, pauseMilliseconds: 100, limit: 1 }, clock);
  const [sent, heard]: Buffer[][] = [[], []];
  const { transport, events } = network.between(
    { bufferedBytes: 0, send: frame => sent.push(frame as Buffer), close: () => undefined },
    { onFrame: frame => heard.push(frame as Buffer), onClosed: () => undefined }, 'agent');
  const frame = (messageType: MessageType) => encodeMessage({
    messageType, createdDate: 0, sequenceNumber: 0, messageId: randomUUID(), payload: Buffer.from('x'),
  });
  const types = (frames: Buffer[]) => frames.map(one => decodeMessage(one).messageType);
  transport.send(frame(MessageType.OUTPUT_STREAM_DATA));
  events.onFrame(frame(MessageType.INPUT_STREAM_DATA));
  events.onFrame(frame(MessageType.ACKNOWLEDGE));
  expect(types(sent)).toEqual(['pause_publication', 'output_stream_data']);
  expect(types(heard)).toEqual(['acknowledge']);
  expect(network.sentWhilePaused).toBe(1);
  await clock.advance(100);
  events.onFrame(frame(MessageType.INPUT_STREAM_DATA));
  expect(types(sent).at(-1)).toBe('start_publication');
  expect(types(heard)).toEqual(['acknowledge', 'input_stream_data']);
});

test('the same seed means the same faults', () => {
  const numbers = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 5 }, () => random.next());
  };
  expect(numbers(1)).toEqual(numbers(1));
  expect(numbers(1)).not.toEqual(numbers(2));
  const random = new SeededRandom(42);
  const sample = Array.from({ length: 10_000 }, () => random.next());
  expect(sample.reduce((sum, one) => sum + one) / sample.length).toBeCloseTo(0.5, 1);
  expect(sample.every(one => one >= 0 && one < 1)).toBe(true);
});
