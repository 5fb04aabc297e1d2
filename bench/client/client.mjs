// What the client costs beside the command that it runs, against the plain way in Python:
//
//   npx projen compile && node bench/client/client.mjs
//
// 1. Short commands: the client's bootstrap against AWS's runtime client for Python (awslambdaric) with a handler that
//    calls `subprocess.run` (handler.py). Both are processes of this machine, started as their images start them, each with
//    its own instance of the same Runtime API (runtime-api.mjs) in this process. They take turns.
//    - Hand-out to answer: from when the server writes the event until the last byte of the answer has arrived.
//    - Next to next: from the same moment until the client asks for the next event.
//    - In a row: the next event is there when it is asked for, so that nothing can be done at nobody's expense.
// 2. Cold init: from the start of the process until it asks for its first event.
// 3. A large streamed answer against a bare pipe into a process of the same kind (bare-pipe.mjs).
//
// What alternates meets the same machine; what is compared is the median, and the table has the quartiles to judge it by.
import { quartiles } from '../quartiles.mjs';
import { measureColdStarts } from './cold-starts.mjs';
import { measureLargeStream } from './large-stream.mjs';
import { measureShortCommands } from './short-commands.mjs';

const TARGETS = {
  '`true`: hand-out to answer, ms': 1,
  '`true`: next to next, ms': 1.5,
  '100 kB of output: hand-out to answer, ms': 1,
  '100 kB of output: next to next, ms': 1.5,
  'cold init, ms': 1,
};

const times = { ...await measureShortCommands(), 'cold init': await measureColdStarts() };
const { speeds, peaks } = await measureLargeStream();
const measured = {
  ...Object.fromEntries(Object.entries(times).map(([what, byWhom]) => [`${what}, ms`, byWhom])),
  '100 MB streamed, MB/s': speeds,
  'peak memory of that, MB': peaks,
};

const missed = [];
console.log('| what | by | runs | median | quartiles | ratio |\n|---|---|---|---|---|---|');
for (const [what, byWhom] of Object.entries(measured)) {
  const medians = Object.values(byWhom).map(list => quartiles(list).median);
  const ratio = medians[0] / medians[1];
  if (ratio > TARGETS[what]) missed.push(`${what}: ${ratio.toFixed(3)}, not ${TARGETS[what]}`);
  Object.entries(byWhom).forEach(([name, list], index) => {
    const { median, low, high } = quartiles(list);
    const digits = median < 10 ? 2 : 1;
    const [from, to] = [low, high].map(value => value.toFixed(digits));
    console.log(`| ${index ? '' : what} | ${name} | ${list.length} | ${median.toFixed(digits)} | ${list.length > 1 ? `${from}–${to}` : ''} | ${
      index || medians.length === 1 ? '' : ratio.toFixed(2)} |`);
  });
}

console.log(`\nTargets, as ratios of medians: ${Object.entries(TARGETS).map(([what, most]) => `${what.replace(', ms', '')} at most ${most}`).join('; ')}.`);
console.log(missed.length ? `Missed: ${missed.join('; ')}.` : 'All are met.');
process.exitCode = missed.length ? 1 : 0;
