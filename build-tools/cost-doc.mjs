// Writes the tables of docs/cost.md, and the summary in the README, from named prices and synthesized templates.
//
//   node build-tools/cost-doc.mjs
//
// Needs what `npx projen compile` makes. The prices are in build-tools/cost-doc/prices.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { templateOf } from './synthesis.mjs';

const require = createRequire(import.meta.url);
const { aws_ecs: ecs, aws_efs: efs } = require('aws-cdk-lib');
const { VastEgress, VastStorage, VastVersion } = require('../lib');
const { HOURS, itemsOf, money, NO_USE, totalOf } = require('./cost-doc/costs.cjs');
const { quantitiesOf } = require('./cost-doc/quantities.cjs');
const { fillSections, table } = require('./generated-sections.cjs');
const data = require('./cost-doc/prices.json');

/** The month of the examples. */
const EXAMPLE = {
  databaseGb: 100, readGb: 300, writtenGb: 100, natGb: 20, logGb: 5, calls: 1000, callSeconds: 10, clientImageGb: 0.3, backupGb: 100,
};

/** Each choice of `VastEgress`, by the name of its factory. */
const EGRESSES = {
  natGateway: [['`natGateway()`', VastEgress.natGateway()]],
};

/** Each choice of `VastStorage`, by the name of its factory. */
const STORAGES = {
  efs: [
    ['`efs()`', VastStorage.efs()],
    ['`efs({ throughputMode: BURSTING })`', VastStorage.efs({ throughputMode: efs.ThroughputMode.BURSTING })],
    [
      '`efs({ throughputMode: PROVISIONED, provisionedThroughputMiBps: 10 })`',
      VastStorage.efs({ throughputMode: efs.ThroughputMode.PROVISIONED, provisionedThroughputMiBps: 10 }),
    ],
    ['`efs({ automaticBackups: true })`', VastStorage.efs({ automaticBackups: true })],
  ],
  fromFileSystemId: [['`fromFileSystemId(…)`, bursting', VastStorage.fromFileSystemId('fs-0123456789abcdef0')]],
  attached: [
    ['`attached()`', VastStorage.attached()],
    ['`attached({ sizeGiB: 120 })`', VastStorage.attached({ sizeGiB: 120 })],
  ],
};

// A choice that nobody has priced would be missing without a word.
for (const [name, known] of [['VastEgress', EGRESSES], ['VastStorage', STORAGES]]) {
  const { types } = JSON.parse(readFileSync('.jsii', 'utf8'));
  const factories = types[`cdk-vast.${name}`].methods.filter(method => method.static).map(method => method.name);
  const differing = [...factories.filter(one => !(one in known)), ...Object.keys(known).filter(one => !factories.includes(one))];
  if (differing.length > 0) throw new Error(`${name} and build-tools/cost-doc.mjs do not have the same choices: ${differing.join(', ')}`);
}

const quantities = props => quantitiesOf(templateOf((_, deploy) => deploy(props)));
const total = (q, use, running) => money(totalOf(itemsOf(q, use, running, data.prices)));
/** The three figures of a choice: running and stopped without data, and running with the data of the example. */
const figures = q => [total(q, NO_USE, true), total(q, NO_USE, false), total(q, EXAMPLE, true), total(q, EXAMPLE, false)];
const HEAD = ['Running', 'Stopped', 'Running, with the data of the example', 'Stopped, with it'];

const normal = quantities({});
const prices = table(['What', 'USD', 'Per'], Object.values(data.prices).map(({ usd, per, what, source }) => [`[${what}](${source})`, usd, per]));

const [running, stopped] = [true, false].map(runs => itemsOf(normal, EXAMPLE, runs, data.prices));
const [bare, bareStopped] = [true, false].map(runs => itemsOf(normal, NO_USE, runs, data.prices));
const bill = table(['Item', ...HEAD], [
  ...Object.keys(running).filter(item => running[item] > 0).map(item => [item, bare[item], bareStopped[item], running[item], stopped[item]]),
  ['**total**', ...[bare, bareStopped, running, stopped].map(totalOf)],
].map(([item, ...amounts]) => [item, ...amounts.map(money)]));

const choices = Object.entries(EGRESSES).flatMap(([, egresses]) => egresses).flatMap(([egressName, egress]) =>
  Object.values(STORAGES).flat().map(([storageName, storage]) => [egressName, storageName, ...figures(quantities({ egress, storage }))]));

const sizes = [
  ['2 vCPU, 4 GB (default)', {}],
  ['1 vCPU, 2 GB', { cpu: 1024, memoryLimitMiB: 2048 }],
  ['2 vCPU, 4 GB, arm64 (v4.10.0 or later)', { cpuArchitecture: ecs.CpuArchitecture.ARM64, version: VastVersion.V6_20_0 }],
  ['2 vCPU, 8 GB', { memoryLimitMiB: 8192 }],
  ['4 vCPU, 16 GB', { cpu: 4096, memoryLimitMiB: 16384 }],
  ['no client', { client: { enabled: false } }],
].map(([name, props]) => [name, ...figures(quantities(props))]);

/** The earlier deployment as its documentation describes it: one NAT gateway, EFS with AWS's default throughput, a client of 2 GB. */
const terraform = (memoryGb, hostedZones) => ({ ...normal, memoryGb, hostedZones, throughput: 'bursting', backups: false, diskGb: 20 });
const comparison = [
  ['Terraform, its first release: 4 GB', terraform(4, 0)],
  ['Terraform, its last release: 8 GB', terraform(8, 1)],
  ['cdk-vast, default: elastic throughput', normal],
  ['cdk-vast, bursting throughput', quantities({ storage: VastStorage.efs({ throughputMode: efs.ThroughputMode.BURSTING }) })],
  ['cdk-vast, the task\'s own disk', quantities({ storage: VastStorage.attached() })],
].map(([name, q]) => [name, ...figures(q)]);

const day = new Date(`${data.written}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
const sections = {
  basis: `Prices of ${data.region} in ${data.currency}, without tax, written down on ${day}; a month of ${HOURS} hours. They are
examples: AWS changes them, and other regions have others. Free tiers are not counted.`,
  prices,
  bill,
  choices: table(['Egress', 'Storage', ...HEAD], choices),
  sizes: table(['Size', ...HEAD], sizes),
  comparison: table(['Deployment', ...HEAD], comparison),
  example: [
    `${EXAMPLE.databaseGb} GB in the database, of which ${EXAMPLE.readGb} GB are read and ${EXAMPLE.writtenGb} GB written in the month, compaction included`,
    `${EXAMPLE.natGb} GB through the NAT gateway: images, and what is not S3 in the same region`,
    `${EXAMPLE.logGb} GB of logs`,
    `${EXAMPLE.calls} commands of ${EXAMPLE.callSeconds} s in the client, whose image has ${EXAMPLE.clientImageGb} GB in ECR`,
    `${EXAMPLE.backupGb} GB of backups, where they are switched on`,
  ].map(line => `- ${line}`).join('\n'),
};
writeFileSync('docs/cost.md', fillSections(readFileSync('docs/cost.md', 'utf8'), sections));

const whole = amount => Math.round(totalOf(amount));
writeFileSync('README.md', fillSections(readFileSync('README.md', 'utf8'), {
  'cost-summary': `About **${whole(bare)} USD a month while the server runs, and ${whole(bareStopped)} USD while it is stopped**, without data
(${data.region}, prices of ${day}). [What it costs](docs/cost.md) has each choice, with and without data.`,
}));
