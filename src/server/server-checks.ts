import { aws_ecs as ecs, Token } from 'aws-cdk-lib';
import { configurationProblems } from './configuration-checks';
import { taskSizeProblems } from './task-size-checks';
import { VastVersion } from '../engine';

/** What was asked of the server, as far as it can be wrong. */
export interface ServerRequest {
  readonly version: VastVersion;
  readonly cpu: number;
  readonly memoryLimitMiB: number;
  /** ECS's name of the CPU architecture. */
  readonly cpuArchitecture: string;
  /** Whether the official image is used; another one may have been built for any architecture. */
  readonly officialImage: boolean;
  readonly environment: { [name: string]: string };
  readonly secretNames: string[];
  readonly engineConfiguration?: { [key: string]: any };
  readonly cluster?: ecs.ICluster;
}

/**
 * The memory sizes, in MiB, that Fargate has for each number of CPU units.
 *
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
const FARGATE_SIZES: { [cpu: number]: number[] } = {
  256: [512, 1024, 2048],
  512: steps(1024, 4096, 1024),
  1024: steps(2048, 8192, 1024),
  2048: steps(4096, 16384, 1024),
  4096: steps(8192, 30720, 1024),
  8192: steps(16384, 61440, 4096),
  16384: steps(32768, 122880, 8192),
};

/** What is wrong with the server that was asked for; nothing where it is right. */
export function serverProblems(request: ServerRequest): string[] {
  const { version, environment, secretNames, engineConfiguration } = request;
  const values = [...valueProblems(environment), ...configurationProblems(version, engineConfiguration)];
  return [
    ...sizeProblems(request),
    ...architectureProblems(request),
    ...environmentProblems(request),
    ...values,
    // Only values that are right have a size.
    ...values.length > 0 ? [] : taskSizeProblems(environment, {
      version, variables: [...Object.keys(environment), ...secretNames], engineConfiguration,
    }),
    ...clusterProblems(request),
  ];
}

function sizeProblems({ cpu, memoryLimitMiB }: ServerRequest): string[] {
  if (Token.isUnresolved(cpu) || Token.isUnresolved(memoryLimitMiB)) {
    return [];
  }
  const sizes = FARGATE_SIZES[cpu];
  if (!sizes) {
    return [`cpu of ${cpu} units is not to be had on Fargate: give one of ${Object.keys(FARGATE_SIZES).join(', ')}`];
  }
  return sizes.includes(memoryLimitMiB) ? [] : [
    `memoryLimitMiB of ${memoryLimitMiB} does not go with ${cpu} CPU units on Fargate: give one of ${sizes.join(', ')}`,
  ];
}

function architectureProblems({ version, cpuArchitecture, officialImage }: ServerRequest): string[] {
  return !officialImage || version.cpuArchitectures.includes(cpuArchitecture) ? [] : [
    `there is no image of the engine's ${version.name} for ${cpuArchitecture}: give ${version.cpuArchitectures.join(' or ')}, or an image of your own`,
  ];
}

function environmentProblems({ version, environment, secretNames }: ServerRequest): string[] {
  const names = [...Object.keys(environment), ...secretNames];
  const reserved = ['ENDPOINT', 'STATE_DIRECTORY', 'DB_DIRECTORY'].map(name => version.environmentPrefix + name);
  return [
    ...names.filter(name => reserved.includes(name)).map(name =>
      `environment variable ${name} is set by the deployment itself: leave it out`),
    ...names.filter(name => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !Token.isUnresolved(name)).map(name =>
      `'${name}' is not the name of an environment variable: use letters, digits and underscores`),
    ...secretNames.filter(name => name in environment).map(name =>
      `${name} is both in environment and in secrets: leave one of them out`),
  ];
}

/** Only TypeScript knows that the values are strings. */
function valueProblems(environment: { [name: string]: unknown }): string[] {
  return Object.entries(environment).filter(([, value]) => typeof value !== 'string' && !Token.isUnresolved(value)).map(([name, value]) =>
    `environment variable ${name} is ${String(value)}, which is not a string: give a string, or leave the variable out`);
}

/** A cluster of which only its ARN is known throws on most of what a service asks it. */
function clusterProblems({ cluster }: ServerRequest): string[] {
  try {
    void cluster?.vpc;
    return [];
  } catch {
    return ['cluster was imported with ecs.Cluster.fromClusterArn(), which does not say enough of it: '
      + 'import it with ecs.Cluster.fromClusterAttributes(), which takes its name and a VPC'];
  }
}

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => from + index * by);
}
