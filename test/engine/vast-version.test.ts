import * as fc from 'fast-check';
import { VastGeneration, VastVersion } from '../../src/engine';

describe('what a release answers', () => {
  // The rows are engine generations; a release stands for its neighbours.
  test.each([
    ['v1.1.0', 'tenzir/vast:v1.1.0', 42000, '/var/lib/vast', 'VAST_', ['X86_64']],
    ['v2.0.0', 'tenzir/vast:v2.0.0', 42000, '/var/lib/vast', 'VAST_', ['X86_64']],
    ['v2.4.2', 'tenzir/vast:v2.4.2', 42000, '/var/lib/vast', 'VAST_', ['X86_64']],
    ['v3.0.0', 'tenzir/vast:v3.0.0', 5158, '/var/lib/vast', 'VAST_', ['X86_64']],
    ['v3.1.0', 'tenzir/vast:v3.1.0', 5158, '/var/lib/vast', 'VAST_', ['X86_64']],
    ['v4.0.0', 'tenzir/tenzir:v4.0.0', 5158, '/var/lib/tenzir', 'TENZIR_', ['X86_64']],
    ['v4.9.9', 'tenzir/tenzir:v4.9.9', 5158, '/var/lib/tenzir', 'TENZIR_', ['X86_64']],
    ['v4.10.0', 'tenzir/tenzir:v4.10.0', 5158, '/var/lib/tenzir', 'TENZIR_', ['X86_64', 'ARM64']],
    ['v6.20.0', 'tenzir/tenzir:v6.20.0', 5158, '/var/lib/tenzir', 'TENZIR_', ['X86_64', 'ARM64']],
    ['main', 'tenzir/tenzir:main', 5158, '/var/lib/tenzir', 'TENZIR_', ['X86_64', 'ARM64']],
  ])('%s', (name, image, port, stateDirectory, prefix, architectures) => {
    const version = VastVersion.of(name);
    expect(version.name).toBe(name);
    expect(`${version}`).toBe(name);
    expect(version.image).toBe(image);
    expect(version.port).toBe(port);
    expect(version.stateDirectory).toBe(stateDirectory);
    expect(version.environmentPrefix).toBe(prefix);
    expect(version.cpuArchitectures).toEqual(architectures);
    expect(version.generation).toBe(prefix === 'VAST_' ? VastGeneration.VAST : VastGeneration.TENZIR);
    expect(version.clientCommand).toBe(prefix === 'VAST_' ? 'vast' : 'tenzir');
  });

  test('the word latest means the development image, as it did in the days of VAST', () => {
    expect(VastVersion.of('latest').image).toBe(VastVersion.MAIN.image);
  });
});

describe('the daemon command', () => {
  test('VAST takes its options before the word start', () => {
    expect(VastVersion.V3_1_0.daemonCommand()).toEqual(
      ['vast', '--endpoint=0.0.0.0:5158', '--db-directory=/var/lib/vast', 'start']);
  });

  test('v2.0.0, which fails on an endpoint in its environment, gets it on the command line', () => {
    expect(VastVersion.of('v2.0.0').daemonCommand()).toContain('--endpoint=0.0.0.0:42000');
  });

  test('v2.0.0 is the only release whose client does not take the endpoint from its environment, either', () => {
    const releases = ['v1.1.0', 'v2.0.0', 'v2.0.1', 'v2.1.0', 'v3.1.0', 'v6.20.0', 'main'];
    expect(releases.filter(name => !VastVersion.of(name)._endpointFromEnvironment)).toEqual(['v2.0.0']);
  });

  test('the state directory has the option of its time', () => {
    expect(VastVersion.of('v4.8.2').daemonCommand()).toContain('--db-directory=/var/lib/tenzir');
    expect(VastVersion.of('v4.9.0').daemonCommand()).toContain('--state-directory=/var/lib/tenzir');
  });

  test('a configuration file is named where there is one', () => {
    expect(VastVersion.V6_20_0.daemonCommand('/tmp/engine.yaml')).toEqual(
      ['tenzir-node', '--endpoint=0.0.0.0:5158', '--state-directory=/var/lib/tenzir', '--config=/tmp/engine.yaml']);
  });
});

describe('what is refused', () => {
  test.each([
    ['1.1.0', "did you mean 'v1.1.0'?"],
    ['V3.1.0', "did you mean 'v3.1.0'?"],
    ['v1.0.0', 'v1.1.0 is the first release that is supported'],
    ['v0.9.9', 'v1.1.0 is the first release that is supported'],
    ['v3.1', "give one such as 'v3.1.0'"],
    ['v03.1.0', "give one such as 'v3.1.0'"],
    ['v3.1.0-rc1', "give one such as 'v3.1.0'"],
    ['newest', "'newest' is not a release"],
    ['', "'' is not a release"],
  ])('%s', (given, sentence) => {
    expect(() => VastVersion.of(given)).toThrow(sentence);
  });

  test('whatever text is given, the answer is a version of that name or a sentence that quotes it', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^v?\d{1,3}\.\d{1,3}(\.\d{1,3})?$/)), (text) => {
      try {
        expect(VastVersion.of(text).name).toBe(text.trim() === 'latest' ? 'main' : text.trim());
      } catch (error) {
        expect((error as Error).message).toContain(text.trim());
        expect((error as Error).message).toMatch(/did you mean|give one such as|first release that is supported/);
      }
    }));
  });

  test('every release from v1.1.0 on is taken, and belongs to one generation with all it has', () => {
    const number = fc.integer({ min: 0, max: 99 });
    fc.assert(fc.property(fc.integer({ min: 2, max: 99 }), number, number, (major, minor, patch) => {
      const version = VastVersion.of(`v${major}.${minor}.${patch}`);
      const word = major >= 4 ? 'tenzir' : 'vast';
      expect(version.image).toBe(`tenzir/${word}:v${major}.${minor}.${patch}`);
      expect(version.stateDirectory).toBe(`/var/lib/${word}`);
      expect(version.daemonCommand().join(' ')).toContain(`0.0.0.0:${version.port}`);
    }));
  });
});
