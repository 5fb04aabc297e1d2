// How long it takes from the start of the process until it asks for its first event, from client to client alternately.
import { setTimeout } from 'node:timers/promises';
import { Client, NAMES } from './clients.mjs';

const WARM_UPS = 2;
const STARTS = 50;
/** What is left of one client is gone when the other one starts. */
const PAUSE_MS = 20;

/** @returns milliseconds, by client */
export async function measureColdStarts() {
  const times = Object.fromEntries(NAMES.map(name => [name, []]));
  for (let round = -WARM_UPS; round < STARTS; round++) {
    for (const name of round % 2 ? NAMES : [...NAMES].reverse()) {
      await setTimeout(PAUSE_MS);
      const client = await Client.start(name);
      const time = await client.api.asked() - client.startedAt;
      await client.stop();
      if (round >= 0) times[name].push(time);
    }
  }
  return times;
}
