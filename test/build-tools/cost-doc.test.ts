import { readFileSync } from 'node:fs';
import { aws_efs as efs, aws_sns as sns } from 'aws-cdk-lib';
import { VastDeploymentProps, VastStorage } from '../../src';
import { SynthesizedDeployment, TemplateResource } from '../synthesized-deployment';

type Quantities = { [name: string]: number | boolean | string | undefined };
type Items = { [item: string]: number };
type Prices = { [name: string]: { usd: number } };

const { itemsOf, NO_USE, totalOf } = jest.requireActual<{
  NO_USE: { [name: string]: number };
  itemsOf(quantities: Quantities, use: { [name: string]: number }, running: boolean, prices: Prices): Items;
  totalOf(items: Items): number;
}>('../../build-tools/cost-doc/costs.cjs');
const { quantitiesOf } = jest.requireActual<{ quantitiesOf(resources: object): Quantities }>('../../build-tools/cost-doc/quantities.cjs');
const { prices } = JSON.parse(readFileSync('build-tools/cost-doc/prices.json', 'utf8')) as { prices: Prices };

const resourcesOf = ({ template }: SynthesizedDeployment) => template.toJSON().Resources as { [id: string]: TemplateResource };
const quantities = (props: Partial<VastDeploymentProps> = {}) => quantitiesOf(resourcesOf(new SynthesizedDeployment(props)));

/** Prices that make each item recognizable in a sum. */
const inPrimes: Prices = Object.fromEntries(Object.keys(prices).map((name, index) => [name, { usd: [2, 3, 5, 7, 11, 13, 17, 19][index % 8] }]));

describe('quantities of a template', () => {
  test('of the default', () => {
    expect(quantities()).toEqual({
      vcpu: 2,
      memoryGb: 4,
      arm: false,
      diskGb: 20,
      natGateways: 1,
      publicAddresses: 1,
      interfaceEndpoints: 0,
      hostedZones: 1,
      efs: true,
      throughput: 'elastic',
      provisionedMiBps: 0,
      backups: false,
      clientGb: 2,
    });
  });

  test('of what was asked for', () => {
    expect(quantities({ cpu: 1024, memoryLimitMiB: 3072, storage: VastStorage.attached({ sizeGiB: 50 }), client: { enabled: false } }))
      .toMatchObject({ vcpu: 1, memoryGb: 3, diskGb: 50, efs: false, throughput: undefined, clientGb: 0 });
    const provisioned = { throughputMode: efs.ThroughputMode.PROVISIONED, provisionedThroughputMiBps: 7, automaticBackups: true };
    expect(quantities({ storage: VastStorage.efs(provisioned) }))
      .toMatchObject({ throughput: 'provisioned', provisionedMiBps: 7, backups: true });
    expect(quantities({ storage: VastStorage.fromFileSystemId('fs-0123456789abcdef0') })).toMatchObject({ efs: true, throughput: undefined });
  });

  test('a resource that nobody has priced is not taken for free', () => {
    const synthesized = new SynthesizedDeployment();
    new sns.Topic(synthesized.stack, 'Topic');
    expect(() => quantitiesOf(resourcesOf(synthesized))).toThrow(/what these cost: AWS::SNS::Topic/);
  });
});

describe('a month', () => {
  const use = {
    ...NO_USE, databaseGb: 100, readGb: 10, writtenGb: 20, natGb: 3, logGb: 4, calls: 1_000_000, callSeconds: 2, clientImageGb: 1, backupGb: 50,
  };

  test('of the default, without data, is what AWS bills for Fargate, gateway, address and zone', () => {
    const month = itemsOf(quantities(), NO_USE, true, prices);
    expect(month.Fargate).toBeCloseTo(730 * (2 * 0.04048 + 4 * 0.004445), 6);
    expect(month['NAT gateway']).toBeCloseTo(32.85, 6);
    expect(totalOf(month)).toBeCloseTo(72.08 + 32.85 + 3.65 + 0.5, 2);
  });

  test('stopped, has no compute and nothing that only happens while it runs', () => {
    const month = itemsOf(quantities(), use, false, prices);
    expect(month).toMatchObject({ 'Fargate': 0, 'data through the NAT gateway': 0, 'EFS: elastic throughput': 0, 'Lambda': 0 });
    expect(month['EFS: what is stored']).toBeCloseTo(30, 6);
    expect(month.logs).toBeCloseTo(4 * 0.03, 6);
  });

  test('each item is its quantity times its price', () => {
    const month = itemsOf({ ...quantities(), diskGb: 30, backups: true, interfaceEndpoints: 2 }, use, true, inPrimes);
    const usd = (name: string) => inPrimes[name].usd;
    expect(month).toEqual({
      'Fargate': 730 * (2 * usd('fargateVcpuHour') + 4 * usd('fargateGbHour')),
      'disk of the task beyond 20 GB': 730 * 10 * usd('fargateDiskGbHour'),
      'NAT gateway': 730 * usd('natHour'),
      'data through the NAT gateway': 3 * usd('natGb'),
      'its public IPv4 address': 730 * usd('ipv4Hour'),
      'interface endpoints': 2 * 730 * usd('endpointHour'),
      'data through interface endpoints': 0,
      'EFS: what is stored': 100 * usd('efsGbMonth'),
      'EFS: elastic throughput': 10 * usd('efsReadGb') + 20 * usd('efsWriteGb'),
      'EFS: provisioned throughput': 0,
      'backups': 50 * usd('backupGbMonth'),
      'Lambda': 1_000_000 * (2 * 2 * usd('lambdaGbSecond') + usd('lambdaMillion') / 1e6),
      'client\'s image in ECR': usd('ecrGbMonth'),
      'logs': 4 * usd('logsGb') + 4 * usd('logsGbMonth'),
      'private hosted zone': usd('zoneMonth'),
    });
  });

  test('on arm64, has the prices of arm64', () => {
    expect(itemsOf({ ...quantities(), arm: true }, NO_USE, true, prices).Fargate).toBeCloseTo(730 * (2 * 0.03238 + 4 * 0.00356), 6);
  });

  test('without a gateway, what goes out passes the endpoints', () => {
    const month = itemsOf({ ...quantities(), natGateways: 0, publicAddresses: 0, interfaceEndpoints: 3 }, use, true, prices);
    expect(month).toMatchObject({ 'NAT gateway': 0, 'data through the NAT gateway': 0, 'its public IPv4 address': 0 });
    expect(month['interface endpoints']).toBeCloseTo(21.9, 6);
    expect(month['data through interface endpoints']).toBeCloseTo(0.03, 6);
  });

  test('fails where a price is missing', () => {
    expect(() => itemsOf(quantities(), NO_USE, true, { ...prices, natHour: undefined } as unknown as Prices)).toThrow();
    const { natHour, ...rest } = prices;
    expect(natHour.usd).toBe(0.045);
    expect(() => itemsOf(quantities(), NO_USE, true, rest)).toThrow('there is no price \'natHour\'');
  });
});
