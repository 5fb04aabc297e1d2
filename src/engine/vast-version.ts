import { compareReleases, parseRelease, Release } from './release';

/** The two names that the engine has had; commands, directories and environment changed with the name. */
export enum VastGeneration {
  /** Releases v1.1.0 to v3.1.0: `vast start`, `vast import`, `vast export`. */
  VAST = 'VAST',

  /** Releases from v4.0.0 on: `tenzir-node`, and `tenzir '<pipeline>'`. */
  TENZIR = 'TENZIR',
}

/** The tag of the images that are built from the engine's main branch. */
const MAIN_TAG = 'main';

/** Below this release the engine was never documented for containers. */
const MINIMUM: Release = { major: 1, minor: 1, patch: 0 };

/** From here on there are images for arm64. Source: the engine's changelog, v4.10.0. */
const FIRST_ON_ARM64: Release = { major: 4, minor: 10, patch: 0 };

/** From here on `--db-directory` is called `--state-directory`. Source: the engine's changelog, v4.9.0. */
const FIRST_WITH_STATE_DIRECTORY: Release = { major: 4, minor: 9, patch: 0 };

/** From here on the engine listens on 5158 where it is not told otherwise. Source: the engine's changelog, v3.0.0. */
const FIRST_ON_PORT_5158: Release = { major: 3, minor: 0, patch: 0 };

/** The only release that does not start with an endpoint in its environment. Source: the engine's changelog, v2.1.0. */
const WITHOUT_ENDPOINT_VARIABLE: Release = { major: 2, minor: 0, patch: 0 };

/** From here on a client takes from its environment how long it tries to connect. Source: the engine's changelog, v2.3.0. */
const FIRST_WITH_CONNECTION_TIMEOUT: Release = { major: 2, minor: 3, patch: 0 };

/** From here on pipelines have a grace period at shutdown, 3 minutes by default. Source: the engine's changelog, v6.3.0. */
const FIRST_WITH_SHUTDOWN_GRACE_PERIOD: Release = { major: 6, minor: 3, patch: 0 };

/**
 * A release of the engine, and what has to be known to run it.
 *
 * Use one of the constants, or `VastVersion.of('v3.0.4')` for any other release.
 *
 * @see https://github.com/tenzir/tenzir/releases
 */
export class VastVersion {
  /** The last release that listened on port 42000. */
  public static readonly V2_4_2 = VastVersion.of('v2.4.2');

  /**
   * The last release under the name VAST, and the default: every documented `vast …` command works on it.
   *
   * Later releases are called Tenzir and are operated with pipelines (`tenzir 'export | …'`).
   */
  public static readonly V3_1_0 = VastVersion.of('v3.1.0');

  /** The last Tenzir v4 release: the last that understands the first generation of its pipeline language. */
  public static readonly V4_32_1 = VastVersion.of('v4.32.1');

  /** The last Tenzir v5 release. */
  public static readonly V5_36_0 = VastVersion.of('v5.36.0');

  /** The newest Tenzir release that was known when this package was released. */
  public static readonly V6_20_0 = VastVersion.of('v6.20.0');

  /**
   * The development image, built from the newest commit on the engine's main branch.
   *
   * It moves: two deployments of it may run different engines. In the days of VAST the word `latest` meant this image.
   */
  public static readonly MAIN = VastVersion.of(MAIN_TAG);

  /**
   * A release by its name.
   *
   * @param version a release such as `v3.1.0`, v1.1.0 at least; or `main` (or its old name, `latest`) for the
   *   development image
   * @throws where it is not a release, or one below v1.1.0
   */
  public static of(version: string): VastVersion {
    const text = String(version).trim();
    if (text === MAIN_TAG || text === 'latest') {
      return new VastVersion(MAIN_TAG, undefined);
    }
    const release = parseRelease(text);
    if (!release) {
      const slip = parseRelease(`v${text.replace(/^V/, '')}`);
      throw new Error(slip
        ? `'${version}' is not a release of the engine: did you mean 'v${slip.major}.${slip.minor}.${slip.patch}'?`
        : `'${version}' is not a release of the engine: give one such as 'v3.1.0', or 'main' for the development image`);
    }
    if (compareReleases(release, MINIMUM) < 0) {
      throw new Error(`the engine's ${text} is too old: v1.1.0 is the first release that is supported`);
    }
    return new VastVersion(text, release);
  }

  /** The release's name, which is the tag of its image: `v3.1.0`, or `main`. */
  public readonly name: string;

  /** Whether this release is called VAST or Tenzir. */
  public readonly generation: VastGeneration;

  /** The official image on Docker Hub, with its tag: `tenzir/vast:v3.1.0`. */
  public readonly image: string;

  /** The TCP port that the engine listens on: 42000 before v3.0.0, 5158 from there on. */
  public readonly port: number;

  /** Where the engine keeps its database: `/var/lib/vast` or `/var/lib/tenzir`. */
  public readonly stateDirectory: string;

  /** What the engine's environment variables begin with: `VAST_` or `TENZIR_`. */
  public readonly environmentPrefix: string;

  /** The key under which the engine's own options stand in its configuration file: `vast` or `tenzir`. */
  public readonly configurationKey: string;

  /** The program that talks to a running engine: `vast` or `tenzir`. */
  public readonly clientCommand: string;

  /** The CPU architectures that there are images for, under the names that ECS gives them: `X86_64`, `ARM64`. */
  public readonly cpuArchitectures: string[];

  /**
   * Whether the engine's client takes the server's address from the environment.
   * @internal
   */
  public readonly _endpointFromEnvironment: boolean;

  /**
   * True where the engine's client reads its connection time-out from the environment.
   * @internal
   */
  public readonly _connectionTimeoutFromEnvironment: boolean;

  /**
   * True where pipelines of the engine have a grace period at shutdown.
   * @internal
   */
  public readonly _hasShutdownGracePeriod: boolean;

  /** The option that names the state directory; it was renamed on the way. */
  private readonly stateDirectoryOption: string;

  private constructor(name: string, release: Release | undefined) {
    const since = (first: Release) => release === undefined || compareReleases(release, first) >= 0;
    const tenzir = since({ major: 4, minor: 0, patch: 0 });
    this.name = name;
    this.generation = tenzir ? VastGeneration.TENZIR : VastGeneration.VAST;
    this.clientCommand = tenzir ? 'tenzir' : 'vast';
    this.image = `tenzir/${this.clientCommand}:${name}`;
    this.port = since(FIRST_ON_PORT_5158) ? 5158 : 42000;
    this.stateDirectory = `/var/lib/${this.clientCommand}`;
    this.environmentPrefix = tenzir ? 'TENZIR_' : 'VAST_';
    this.configurationKey = this.clientCommand;
    this.cpuArchitectures = since(FIRST_ON_ARM64) ? ['X86_64', 'ARM64'] : ['X86_64'];
    this._endpointFromEnvironment = release === undefined || compareReleases(release, WITHOUT_ENDPOINT_VARIABLE) !== 0;
    this._connectionTimeoutFromEnvironment = since(FIRST_WITH_CONNECTION_TIMEOUT);
    this._hasShutdownGracePeriod = since(FIRST_WITH_SHUTDOWN_GRACE_PERIOD);
    this.stateDirectoryOption = since(FIRST_WITH_STATE_DIRECTORY) ? '--state-directory' : '--db-directory';
  }

  /**
   * The command that starts the engine so that other machines reach it, its state in `stateDirectory`.
   *
   * What it must not get wrong is on the command line, which wins over environment and file in every release: v2.0.0
   * does not start with an endpoint in its environment, and v1 knows no other variable than that.
   *
   * @param configFile path of a configuration file that the engine is to read
   *   @default - the engine looks in its usual places
   */
  public daemonCommand(configFile?: string): string[] {
    const options = [
      `--endpoint=0.0.0.0:${this.port}`,
      `${this.stateDirectoryOption}=${this.stateDirectory}`,
      ...(configFile ? [`--config=${configFile}`] : []),
    ];
    return this.generation === VastGeneration.TENZIR
      ? ['tenzir-node', ...options]
      : ['vast', ...options, 'start'];
  }

  /**
   * A command that ends with 0 when, and only when, the engine next to it answers a query.
   *
   * It may wait long for an engine that does not answer: give it a time-out.
   */
  public readinessCommand(): string[] {
    return this.generation === VastGeneration.TENZIR
      ? ['tenzir', 'export | head 1 | discard']
      : ['vast', 'status'];
  }

  /** The release's name. */
  public toString(): string {
    return this.name;
  }
}
