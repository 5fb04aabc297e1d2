// What a session of ECS Exec costs in our client and in AWS's own, the session manager plugin.
//
//   npx projen compile && node bench/exec/exec.mjs [--megabytes 100] [--paced-megabytes 100] [--runs 5] [--starts 15]
//
// Both hold sessions with the same gateway, which runs the commands in the same container, and take turns. Each is a
// process of its own under a pseudo-terminal, from which nothing but bytes is taken. A session's process is begun anew for
// every run, and with it the gateway's side of it.
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Gateway, PACED, UNPACED } from './gateway.mjs';
import { buildPlugin } from './plugin.mjs';
import { Relay } from './relay.mjs';
import { measure, PRINT_MARK, underTerminal } from './under-terminal.mjs';
import { quartiles } from '../quartiles.mjs';

const here = import.meta.dirname;
const { values } = parseArgs({
  options: {
    'megabytes': { type: 'string', default: '100' },
    'paced-megabytes': { type: 'string', default: '100' },
    'runs': { type: 'string', default: '5' },
    'starts': { type: 'string', default: '15' },
  },
});
const [megabytes, pacedMegabytes, runs, starts] = ['megabytes', 'paced-megabytes', 'runs', 'starts'].map(name => Number(values[name]));
// What the terminal is told does not show, and what the file has needs no terminal to be understood.
const printing = file => `sh -c 'stty raw -echo; ${PRINT_MARK}; cat ${file}'`;

const gateway = await Gateway.start();
const relay = await Relay.to(gateway.port);
try {
  const plugin = buildPlugin();
  const clients = {
    'cdk-vast': session => underTerminal(process.execPath, path.join(here, 'interactive.mjs'), JSON.stringify(session)),
    'session manager plugin': session => underTerminal(plugin, JSON.stringify(session),
      'eu-west-1', 'StartSession', '', JSON.stringify({ Target: 'ecs:bench_task_runtime' }), 'http://127.0.0.1:9'),
  };
  const interactive = Object.fromEntries(Object.entries(clients).map(([name, run]) =>
    [name, async (command, quirks) => run(await gateway.execute(command, quirks))]));
  /** With a relay between, which knows when the client has connected. */
  const starting = quirks => Object.fromEntries(Object.entries(clients).map(([name, run]) => [name, async () => {
    const found = await run(relay.address(await gateway.execute(printing('/tmp/nothing'), quirks)));
    return { ...found, connectedMs: relay.msUntil(found.markAt) };
  }]));
  const { CAPTURED_COMMAND } = await import('../../lib/runtime/exec/captured/index.js');
  const captured = async (script, quirks) =>
    measure(process.execPath, [path.join(here, 'captured.mjs'), JSON.stringify(await gateway.execute(CAPTURED_COMMAND, quirks)), script]);

  // Random bytes in base64 are what a terminal takes as it is; the log is what people look at, and can be compressed.
  gateway.run(`head -c $((${megabytes} * 750000)) /dev/urandom | base64 -w0 > /tmp/text; head -c $((${megabytes} * 1000000)) /dev/urandom > /tmp/random;
    head -c $((${pacedMegabytes} * 750000)) /tmp/random | base64 -w0 > /tmp/paced; head -c $((${pacedMegabytes} * 1000000)) /tmp/random > /tmp/paced-random; : > /tmp/nothing;
    perl -e 'for (my $n = 0; $n < ${megabytes}e6; $n += length $l) { $l = sprintf "%d.%06d\\tC%x\\t10.%d.%d.%d\\t%d\\ttcp\\n", 1.7e9 + $i++, rand 1e6, rand 1e9, rand 255, rand 255, rand 255, rand 65535; print $l }' > /tmp/log; head -c $((${pacedMegabytes} * 1000000)) /tmp/log > /tmp/paced-log`);

  const rows = [];
  const row = (what, by, found, digits, ratio = '') => {
    const { median, low, high } = quartiles(found);
    rows.push(`| ${what} | ${by} | ${found.length} | ${median.toFixed(digits)} | ${found.length > 1 ? `${low.toFixed(digits)}–${high.toFixed(digits)}` : ''} | ${ratio} |`);
    return median;
  };
  /** Takes turns, so that whatever else the machine does falls on both. */
  const turns = async (count, sides) => {
    const found = Object.fromEntries(Object.keys(sides).map(name => [name, []]));
    for (let index = 0; index < count; index++) {
      for (const [name, run] of Object.entries(sides)) found[name].push(await run());
    }
    return found;
  };
  /** The rows of one thing, with what stands first against the second. */
  const compare = (what, found, value, digits) => {
    const names = Object.keys(found);
    const medians = names.map(name => quartiles(found[name].map(value)).median);
    names.forEach((name, index) => row(index === 0 ? what : '', name, found[name].map(value), digits, index === 0 && names.length > 1 ? (medians[0] / medians[1]).toFixed(2) : ''));
    return medians;
  };
  const rate = ({ bytes, seconds }) => bytes / seconds / 1e6;

  for (const [name, quirks, size, count, text, random, log] of [
    ['no pacing', UNPACED, megabytes, runs, '/tmp/text', '/tmp/random', '/tmp/log'],
    ['pacing of the agent', PACED, pacedMegabytes, 1, '/tmp/paced', '/tmp/paced-random', '/tmp/paced-log'],
  ]) {
    const begun = await turns(starts, starting(quirks));
    compare(`${name}: start to first byte, ms`, begun, ({ markMs }) => markMs, 1);
    compare(`${name}: of that, from connection to first byte, ms`, begun, ({ connectedMs }) => connectedMs, 1);
    const shown = Object.fromEntries(Object.entries(interactive).map(([by, run]) => [by, () => run(printing(text), quirks)]));
    const captures = { 'random bytes': () => captured(`cat ${random}`, quirks), 'a log': () => captured(`cat ${log}`, quirks) };
    const found = await turns(count, { ...shown, ...captures });
    for (const [what, runs] of Object.entries(found)) {
      const broken = runs.find(({ exitCode, bytes }) => (what in captures && exitCode !== 0) || bytes < size * 1e6);
      if (broken) throw new Error(`${what} has not come as it should: ${JSON.stringify(broken)}`);
    }
    const whole = Object.fromEntries(Object.keys(shown).map(by => [by, found[by]]));
    const [raw] = compare(`${name}: ${size} MB shown, MB/s`, whole, rate, 2);
    compare(`${name}: CPU of that, s`, whole, ({ cpuSeconds }) => cpuSeconds, 1);
    compare(`${name}: peak memory of that, MB`, whole, ({ memoryMB }) => memoryMB, 0);
    for (const kind of Object.keys(captures)) {
      const payload = quartiles(found[kind].map(rate)).median;
      row(`${name}: ${size} MB captured, ${kind}, MB/s`, 'cdk-vast', found[kind].map(rate), 2, `${(payload / raw).toFixed(2)} of the shown`);
      row(`${name}: CPU of that, s`, 'cdk-vast', found[kind].map(({ cpuSeconds }) => cpuSeconds), 1);
      row(`${name}: peak memory of that, MB`, 'cdk-vast', found[kind].map(({ memoryMB }) => memoryMB), 0);
    }
  }
  console.log('| what | by | runs | median | quartiles | ratio |\n|---|---|---|---|---|---|');
  console.log(rows.join('\n'));
} finally {
  relay.stop();
  gateway.stop();
}
