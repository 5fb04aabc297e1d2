// What the package costs at synthesis, against the same without it:
//
//   npx projen compile && node bench/synth/synth.mjs
//
// 1. An app with one `VastDeployment` against one that makes the same resources with CDK's own constructs (by-hand.cjs).
//    Both are built and synthesized in this process, alternately, after a warm-up in which CDK and its template linter are
//    loaded. Before that, both templates must have the same types of resources, each as often.
// 2. `require('cdk-vast')` after `require('aws-cdk-lib')` against the latter alone, alternately, each time in a fresh
//    process, which takes the time from before the first to after the last `require`.
// 3. The app behind `vast-cloud deploy`, as a process with the options of Node.js that `vast-cloud` gives it, against the same
//    without them, alternately.
//
// What alternates meets the same machine; what is compared is the median, and the table has the quartiles to judge it by.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { quartiles } from '../quartiles.mjs';

const require = createRequire(import.meta.url);
const SYNTHESES = 60;
const IMPORTS = 25;
const APPS = 9;
const MAXIMUM_RATIO = 1.15;
const MAXIMUM_IMPORT_MS = 30;

function measureImports() {
  const script = modules => `const t = performance.now(); ${modules.map(name => `require('${name}');`).join(' ')} console.log(performance.now() - t)`;
  // From here both names are found: a package finds itself by its own name.
  const run = modules => Number(execFileSync(process.execPath, ['-e', script(modules)], { cwd: import.meta.dirname, encoding: 'utf8' }));
  const times = { 'aws-cdk-lib': [], 'aws-cdk-lib, cdk-vast': [] };
  for (let round = -2; round < IMPORTS; round++) {
    for (const [name, list] of Object.entries(times)) {
      const time = run(name.split(', '));
      if (round >= 0) list.push(time);
    }
  }
  return times;
}

function measureOptions() {
  const { SYNTHESIS_OPTIONS } = require('../../lib/cli/cdk.js');
  const app = require.resolve('../../lib/cli/app.js');
  const directory = mkdtempSync(path.join(tmpdir(), 'cdk-vast-synth-'));
  const env = {
    ...process.env, VAST_AWS_REGION: 'eu-west-1', VAST_CIDR: '172.31.48.0/24', VAST_PEERED_VPC_ID: 'none', VAST_VERSION: 'v6.20.0',
    VAST_STORAGE_TYPE: 'EFS', CDK_OUTDIR: directory,
  };
  const sides = { 'the app of vast-cloud deploy': SYNTHESIS_OPTIONS, 'the same without options of Node.js': [] };
  const times = Object.fromEntries(Object.keys(sides).map(name => [name, []]));
  for (let round = -1; round < APPS; round++) {
    for (const [name, options] of Object.entries(sides)) {
      const begun = performance.now();
      execFileSync(process.execPath, [...options, app], { env, stdio: ['ignore', 'ignore', 'inherit'] });
      if (round >= 0) times[name].push(performance.now() - begun);
    }
  }
  rmSync(directory, { recursive: true });
  return times;
}

function measureSyntheses() {
  const { App, Stack } = require('aws-cdk-lib');
  const { VastDeployment } = require('cdk-vast');
  const { deployByHand } = require('./by-hand.cjs');
  const apps = {
    'by hand': stack => deployByHand(stack),
    'VastDeployment': stack => new VastDeployment(stack, 'Vast', { cidr: '172.31.48.0/24' }),
  };

  const synthesize = (build) => {
    const begin = performance.now();
    const app = new App();
    build(new Stack(app, 'Stack'));
    const built = performance.now() - begin;
    const assembly = app.synth();
    const time = performance.now() - begin;
    const { template } = assembly.getStackByName('Stack');
    rmSync(assembly.directory, { recursive: true });
    return { built, time, template };
  };

  const census = ({ Resources }) => Object.values(Resources).map(({ Type }) => Type).sort();
  const [ours, theirs] = Object.values(apps).map(build => census(synthesize(build).template));
  if (ours.join() !== theirs.join()) {
    throw new Error(`the templates differ:\n${ours.join('\n')}\n\n${theirs.join('\n')}`);
  }

  const times = Object.fromEntries(Object.keys(apps).map(name => [name, []]));
  const buildTimes = Object.fromEntries(Object.keys(apps).map(name => [name, []]));
  for (let round = -10; round < SYNTHESES; round++) {
    // Who comes first changes, too.
    const order = round % 2 ? Object.entries(apps) : Object.entries(apps).reverse();
    for (const [name, build] of order) {
      const { built, time } = synthesize(build);
      if (round >= 0) {
        times[name].push(time);
        buildTimes[name].push(built);
      }
    }
  }
  return { times, buildTimes, resources: ours.length };
}

const imports = measureImports();
const { times, buildTimes, resources } = measureSyntheses();
const options = measureOptions();
const rows = [
  ...Object.entries(imports).map(([name, list]) => [`require ${name}`, list]),
  ...Object.entries(times).map(([name, list]) => [`build and synthesize ${name} (${resources} resources)`, list]),
  ...Object.entries(buildTimes).map(([name, list]) => [`of that, build ${name}`, list]),
  ...Object.entries(options),
];
console.log('| what | runs | median ms | quartiles ms |\n|---|---|---|---|');
for (const [name, list] of rows) {
  const { median, low, high } = quartiles(list);
  console.log(`| ${name} | ${list.length} | ${median.toFixed(1)} | ${low.toFixed(1)}–${high.toFixed(1)} |`);
}

const median = list => quartiles(list).median;
const ratio = median(times.VastDeployment) / median(times['by hand']);
const more = median(imports['aws-cdk-lib, cdk-vast']) - median(imports['aws-cdk-lib']);
console.log(`\nsynthesis: ${ratio.toFixed(2)} × by hand (target: at most ${MAXIMUM_RATIO}); `
  + `import: ${more.toFixed(1)} ms more (target: at most ${MAXIMUM_IMPORT_MS})`);
process.exitCode = ratio <= MAXIMUM_RATIO && more <= MAXIMUM_IMPORT_MS ? 0 : 1;
