import { Token } from 'aws-cdk-lib';
import { RESULTS_BUCKET, WORK_BUCKET } from './client-variables';
import { VastClientOptions } from './vast-client-options';
import { VastVersion } from '../engine';

/** What is wrong with the client that was asked for; nothing where it is right. */
export function clientProblems(version: VastVersion, options: VastClientOptions): string[] {
  const { memoryMiB, timeout, ephemeralStorage, reservedConcurrentExecutions, environment = {}, image } = options;
  const problems: string[] = [];
  if (memoryMiB !== undefined && !isWhole(memoryMiB, 128, 10240)) {
    problems.push(`client.memoryMiB of ${memoryMiB} is not to be had on Lambda: give 128 to 10240`);
  }
  if (timeout && !timeout.isUnresolved() && !isWhole(timeout.toSeconds({ integral: false }), 1, 900)) {
    problems.push(`client.timeout of ${timeout.toSeconds({ integral: false })} s is not to be had on Lambda: give whole seconds, 1 to 900`);
  }
  if (ephemeralStorage && !ephemeralStorage.isUnresolved() && !isWhole(ephemeralStorage.toMebibytes(), 512, 10240)) {
    problems.push(`client.ephemeralStorage of ${ephemeralStorage.toMebibytes()} MiB is not to be had on Lambda: give 512 to 10240`);
  }
  if (reservedConcurrentExecutions !== undefined && !isWhole(reservedConcurrentExecutions, 0, 1_000_000)) {
    problems.push(`client.reservedConcurrentExecutions of ${reservedConcurrentExecutions} is not a number of calls: give 0 or more`);
  }
  for (const name of Object.keys(environment)) {
    if ([`${version.environmentPrefix}ENDPOINT`, RESULTS_BUCKET, WORK_BUCKET].includes(name)) {
      problems.push(`environment variable ${name} of the client is set by the deployment itself: leave it out`);
    } else if (!Token.isUnresolved(name) && !/^[A-Za-z][A-Za-z0-9_]+$/.test(name)) {
      problems.push(`'${name}' is not the name of an environment variable on Lambda: use a letter, then letters, digits and underscores`);
    }
  }
  if (image && (options.engineImage || options.nodeImage)) {
    problems.push('client.engineImage and client.nodeImage are for building the image, which client.image replaces: leave them out');
  }
  return problems;
}

function isWhole(value: number, from: number, to: number): boolean {
  return Token.isUnresolved(value) || (Number.isInteger(value) && value >= from && value <= to);
}
