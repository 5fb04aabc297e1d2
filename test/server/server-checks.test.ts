import { aws_ecs as ecs, Lazy, Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { VastVersion } from '../../src';
import { serverProblems, ServerRequest } from '../../src/server/server-checks';

const problems = (request: Partial<ServerRequest> = {}) => serverProblems({
  version: VastVersion.V3_1_0,
  cpu: 2048,
  memoryLimitMiB: 4096,
  cpuArchitecture: 'X86_64',
  officialImage: true,
  environment: {},
  secretNames: [],
  ...request,
});

test('what is right is taken', () => {
  expect(problems()).toEqual([]);
});

describe('sizes of Fargate', () => {
  // The documented ranges, in GiB: lowest, highest, step.
  const documented: { [cpu: number]: [number, number, number] } = {
    512: [1, 4, 1], 1024: [2, 8, 1], 2048: [4, 16, 1], 4096: [8, 30, 1], 8192: [16, 60, 4], 16384: [32, 120, 8],
  };

  test.each(Object.entries(documented))('%s CPU units', (cpu, [low, high, step]) => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 130 }), (gib) => {
      const exists = gib >= low && gib <= high && (gib - low) % step === 0;
      expect(problems({ cpu: Number(cpu), memoryLimitMiB: gib * 1024 }).length).toBe(exists ? 0 : 1);
    }), { numRuns: 131 * 3 });
  });

  test('256 CPU units have half a GiB, one and two', () => {
    expect([512, 1024, 1536, 2048, 3072].filter(memoryLimitMiB => problems({ cpu: 256, memoryLimitMiB }).length === 0)).toEqual([512, 1024, 2048]);
  });

  test('a memory that does not go with the CPU is refused with those that do', () => {
    expect(problems({ cpu: 8192, memoryLimitMiB: 8192 })).toEqual([
      'memoryLimitMiB of 8192 does not go with 8192 CPU units on Fargate: '
      + 'give one of 16384, 20480, 24576, 28672, 32768, 36864, 40960, 45056, 49152, 53248, 57344, 61440',
    ]);
  });

  test('CPU units that Fargate does not have are refused with those that it has', () => {
    expect(problems({ cpu: 2 })).toEqual(['cpu of 2 units is not to be had on Fargate: give one of 256, 512, 1024, 2048, 4096, 8192, 16384']);
  });

  test('tokens are not judged', () => {
    expect(problems({ cpu: Token.asNumber({ Ref: 'Cpu' }) })).toEqual([]);
    expect(problems({ memoryLimitMiB: Token.asNumber({ Ref: 'Memory' }) })).toEqual([]);
  });
});

describe('architectures', () => {
  const arm = ecs.CpuArchitecture.ARM64._cpuArchitecture;

  test.each(['v3.1.0', 'v4.0.0', 'v4.9.9'])('there is no image of %s for arm64', (name) => {
    expect(problems({ version: VastVersion.of(name), cpuArchitecture: arm })).toEqual([
      `there is no image of the engine's ${name} for ARM64: give X86_64, or an image of your own`,
    ]);
  });

  test.each(['v4.10.0', 'v6.20.0', 'main'])('there is one of %s', (name) => {
    expect(problems({ version: VastVersion.of(name), cpuArchitecture: arm })).toEqual([]);
  });

  test('an image of one\'s own may have been built for any', () => {
    expect(problems({ cpuArchitecture: arm, officialImage: false })).toEqual([]);
  });
});

describe('environment', () => {
  test.each([
    ['v3.1.0', 'VAST_'], ['v6.20.0', 'TENZIR_'],
  ])('what the deployment itself decides cannot be set for %s, neither in plain text nor as a secret', (name, prefix) => {
    const version = VastVersion.of(name);
    for (const variable of ['ENDPOINT', 'STATE_DIRECTORY', 'DB_DIRECTORY'].map(end => prefix + end)) {
      const sentence = `environment variable ${variable} is set by the deployment itself: leave it out`;
      expect(problems({ version, environment: { [variable]: 'x' } })).toEqual([sentence]);
      expect(problems({ version, secretNames: [variable] })).toEqual([sentence]);
    }
  });

  test.each(['1A', 'A-B', 'A B', '', 'Ä', '=', 'A=B'])('%j is not the name of a variable', (name) => {
    expect(problems({ environment: { [name]: 'x' } })).toEqual([
      `'${name}' is not the name of an environment variable: use letters, digits and underscores`,
    ]);
  });

  test('a variable cannot be both in plain text and a secret', () => {
    expect(problems({ environment: { TOKEN: 'x' }, secretNames: ['TOKEN'] })).toEqual([
      'TOKEN is both in environment and in secrets: leave one of them out',
    ]);
  });

  test.each<[unknown, string]>([[undefined, 'undefined'], [null, 'null'], [5, '5'], [true, 'true'], [['x'], 'x']])('the value %p is refused', (value, text) => {
    expect(problems({ environment: { A: value, B: 'x' } as {} })).toEqual([
      `environment variable A is ${text}, which is not a string: give a string, or leave the variable out`,
    ]);
  });

  test('values that are tokens are not judged', () => {
    expect(problems({ environment: { A: Token.asString({ Ref: 'A' }), B: Lazy.any({ produce: () => 'x' }) } as {} })).toEqual([]);
  });

  test('every other variable is taken', () => {
    expect(problems({ environment: { VAST_MAX_PARTITION_SIZE: '1', TENZIR_ENDPOINT: 'of the other generation', _x: '' } })).toEqual([]);
  });
});

describe('the size of the task definition', () => {
  const LIMIT = 64 * 1024;
  const tooLarge = (environment: number, configuration: number) => [
    `environment (${environment} bytes) and engineConfiguration (${configuration} bytes) do not fit into a task definition, `
    + 'which ECS limits to 65536 bytes: shorten them',
  ];

  test('is limited for environment and configuration together', () => {
    const environment = { A: 'x'.repeat(LIMIT - 1 - 20) };
    expect(problems({ environment, engineConfiguration: { vast: { a: 'xxx' } } })).toEqual([]);
    expect(problems({ environment, engineConfiguration: { vast: { a: 'xxxx' } } })).toEqual(tooLarge(LIMIT - 20, 21));
  });

  test('is counted in bytes, for each of the two alone as well', () => {
    expect(problems({ environment: { A: 'ä'.repeat(LIMIT / 2) } })).toEqual(tooLarge(LIMIT + 1, 0));
    expect(problems({ engineConfiguration: { x: 'ä'.repeat(LIMIT / 2) } })).toEqual(tooLarge(0, LIMIT + 8));
  });

  test('includes what the deployment adds to the configuration', () => {
    expect(problems({ version: VastVersion.V6_20_0, environment: { A: 'x'.repeat(LIMIT) } })[0]).toContain('engineConfiguration (43 bytes)');
  });

  test('does not include tokens, whose length is unknown, nor values that are refused already', () => {
    const token = `${Token.asString({ Ref: 'A' })}${'x'.repeat(LIMIT)}`;
    expect(problems({ environment: { A: token }, engineConfiguration: { vast: { a: token, b: Lazy.any({ produce: () => 1 }) } } })).toEqual([]);
    expect(problems({ engineConfiguration: Lazy.any({ produce: () => ({}) }) as {} })).toEqual([]);
    expect(problems({ environment: { A: undefined } as {}, engineConfiguration: { vast: { a: 1n } } })).toHaveLength(2);
  });
});

test('all that is wrong is said at once', () => {
  expect(problems({
    cpu: 1, cpuArchitecture: 'ARM64', environment: { 'VAST_ENDPOINT': 'x', 'A-B': 'x' }, engineConfiguration: { tenzir: {} },
  })).toHaveLength(5);
});
