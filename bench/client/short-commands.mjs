// How long short commands take, from client to client alternately.
import { setTimeout } from 'node:timers/promises';
import { BashAlone } from './bash-alone.mjs';
import { Client, NAMES } from './clients.mjs';

const COMMANDS = {
  '`true`': { cmd: 'true', stdout: '' },
  // Printed by bash itself: what is compared is the way of the output, not another program.
  '100 kB of output': { cmd: "printf '%0100000d' 0", stdout: '0'.repeat(100_000) },
};
const WARM_UPS = 30;
const ROUNDS = 300;
/** What one client does after it has asked for the next event is over when the other one has its turn. */
const PAUSE_MS = 3;
const ROWS = 20;
const IN_A_ROW = 20;

async function run(client, { cmd, stdout }) {
  const pieces = [];
  const { path, toAnswer, toNext } = await client.api.invoke({ cmd, cmdEncoding: 'utf8' }, piece => pieces.push(piece));
  const answer = Buffer.concat(pieces).toString();
  if (!path.endsWith('/response') || JSON.parse(answer).stdout !== stdout) {
    throw new Error(`${client.name} has answered to ${path}: ${answer.slice(0, 500)}`);
  }
  return { toAnswer, toNext };
}

/** @returns milliseconds, by what was done and by whom */
export async function measureShortCommands() {
  const clients = await Promise.all(NAMES.map(Client.start));
  const bash = new BashAlone();
  const times = { '`bash -c true`: fork, exec and exit alone': { 'a small process': [] } };
  for (const what of Object.keys(COMMANDS)) {
    for (const span of ['hand-out to answer', 'next to next', `${IN_A_ROW} in a row, each`]) {
      times[`${what}: ${span}`] = Object.fromEntries(NAMES.map(name => [name, []]));
    }
  }

  for (let round = -WARM_UPS; round < ROUNDS; round++) {
    const alone = await bash.run();
    if (round >= 0) times['`bash -c true`: fork, exec and exit alone']['a small process'].push(alone);
    for (const [what, command] of Object.entries(COMMANDS)) {
      // Who comes first changes, too.
      for (const client of round % 2 ? clients : [...clients].reverse()) {
        await setTimeout(PAUSE_MS);
        const { toAnswer, toNext } = await run(client, command);
        if (round < 0) continue;
        times[`${what}: hand-out to answer`][client.name].push(toAnswer);
        times[`${what}: next to next`][client.name].push(toNext);
      }
    }
  }

  for (let row = 0; row < ROWS; row++) {
    for (const [what, command] of Object.entries(COMMANDS)) {
      for (const client of row % 2 ? clients : [...clients].reverse()) {
        await setTimeout(PAUSE_MS);
        const begin = performance.now();
        for (let count = 0; count < IN_A_ROW; count++) await run(client, command);
        times[`${what}: ${IN_A_ROW} in a row, each`][client.name].push((performance.now() - begin) / IN_A_ROW);
      }
    }
  }

  bash.stop();
  await Promise.all(clients.map(client => client.stop()));
  return times;
}
