// How fast a streamed answer is, beside a bare pipe, alternately.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Client } from './clients.mjs';
import { peakMemory } from './peak-memory.mjs';

const { FrameDecoder } = createRequire(import.meta.url)('../../lib/client/contract');

const BYTES = 100_000_000;
const COMMAND = `head -c ${BYTES} /dev/zero`;
const WARM_UPS = 2;
const ROUNDS = 15;

/** Has the output in a streamed answer; whoever receives it only counts, as the one of a bare pipe does. */
async function streamed(client) {
  let bytes = 0;
  const { toAnswer } = await client.api.invoke({ cmd: COMMAND, cmdEncoding: 'utf8', stream: true }, (piece) => { bytes += piece.length; });
  if (!(bytes > BYTES && bytes < BYTES * 1.01)) throw new Error(`the answer has ${bytes} bytes`);
  return { ms: toAnswer, peakMemory: peakMemory(client.process.pid) };
}

/** Once, before anything is measured: all of it arrives, and as it was sent. */
async function checkStream(client) {
  const decoder = new FrameDecoder();
  await client.api.invoke({ cmd: COMMAND, cmdEncoding: 'utf8', stream: true }, piece => decoder.push(piece));
  const { exitCode, stdoutBytes } = decoder.finish();
  if (exitCode !== 0 || stdoutBytes !== BYTES) throw new Error(`the stream ended with exit code ${exitCode} after ${stdoutBytes} bytes`);
}

async function piped(reader) {
  reader.send({ command: COMMAND, bytes: BYTES });
  return (await once(reader, 'message'))[0];
}

/** @returns MB/s, and MB of peak memory, by way */
export async function measureLargeStream() {
  const client = await Client.start('cdk-vast');
  const readers = ['bare', 'summed'].map(kind => fork(path.join(import.meta.dirname, 'bare-pipe.mjs'), [kind]));
  const ways = {
    'cdk-vast': () => streamed(client),
    'bare pipe': () => piped(readers[0]),
    'bare pipe with SHA-256': () => piped(readers[1]),
  };
  await checkStream(client);

  const speeds = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  const peaks = Object.fromEntries(Object.keys(ways).map(name => [name, []]));
  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    for (const [name, run] of round % 2 ? Object.entries(ways) : Object.entries(ways).reverse()) {
      await setTimeout(10);
      const { ms, peakMemory: peak } = await run();
      if (round >= 0) speeds[name].push(BYTES / 1e6 / (ms / 1000));
      peaks[name] = [peak / 1e6];
    }
  }
  readers.forEach(reader => reader.disconnect());
  await client.stop();
  return { speeds, peaks };
}
