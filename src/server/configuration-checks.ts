import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { VastGeneration, VastVersion } from '../engine';

/** Lists the problems of an engine configuration. */
export function configurationProblems(version: VastVersion, engineConfiguration?: { [key: string]: any }): string[] {
  if (engineConfiguration === undefined || engineConfiguration === null || Token.isUnresolved(engineConfiguration)) {
    return [];
  }
  const key = version.configurationKey;
  const notAnObject = (path: string) => [`${path} is not an object: give one such as { ${key}: { 'max-partition-size': 1048576 } }`];
  if (!isObject(engineConfiguration)) {
    return notAnObject('engineConfiguration');
  }
  const other = version.generation === VastGeneration.TENZIR ? 'vast' : 'tenzir';
  const options = engineConfiguration[key] ?? {};
  return [
    ...other in engineConfiguration
      ? [`engineConfiguration has the key '${other}', which ${version.name} does not read: its own options stand under '${key}'`]
      : [],
    ...isObject(options) || Token.isUnresolved(options) || defect(options) ? [] : notAnObject(`engineConfiguration.${key}`),
    ...defects(engineConfiguration, 'engineConfiguration').map(found =>
      `${found}, which JSON cannot represent: give a string, a finite number, a boolean, null, a list or an object, or leave it out`),
  ];
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && !Array.isArray(value);
}

/** The values that JSON drops, changes or refuses, each with its path. */
function defects(value: unknown, path: string, ancestors: unknown[] = []): string[] {
  if (Token.isUnresolved(value)) {
    return [];
  }
  const found = ancestors.includes(value) ? 'an object that contains itself' : defect(value);
  if (found) {
    return [`${path} is ${found}`];
  }
  const within = [...ancestors, value];
  if (Array.isArray(value)) {
    // Unlike map(), this does not pass over holes.
    return Array.from(value, (each, index) => defects(each, `${path}[${index}]`, within)).flat();
  }
  return typeof value !== 'object' || value === null ? [] : Object.entries(value).flatMap(([key, each]) =>
    // As everywhere in the CDK, an option that is undefined is one that is left out.
    each === undefined ? [] : defects(each, /^[\w-]+$/.test(key) ? `${path}.${key}` : `${path}['${key}']`, within));
}

/** Describes a value that JSON cannot represent, without its parts; undefined for any other. */
function defect(value: unknown): string | undefined {
  switch (typeof value) {
    case 'number': return Number.isFinite(value) ? undefined : `${value}`;
    case 'undefined': return 'undefined';
    case 'bigint':
    case 'function':
    case 'symbol': return `a ${typeof value}`;
    case 'object': return value instanceof Map ? 'a Map' : value instanceof Set ? 'a Set' : Construct.isConstruct(value) ? 'a construct' : undefined;
    default: return undefined;
  }
}
